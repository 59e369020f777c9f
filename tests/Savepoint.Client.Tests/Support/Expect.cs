namespace Savepoint.Client.Tests;

/// <summary>Expectations on tasks that, unlike Shouldly's, stay on the simulation's thread.</summary>
public static class Expect
{
    public static async Task<SavepointException> FailureAsync(Task task) => await ExceptionAsync<SavepointException>(task);

    public static async Task<T> ExceptionAsync<T>(Task task)
        where T : Exception
    {
        try
        {
            await task;
        }
        catch (T exception)
        {
            return exception;
        }
        throw new ShouldAssertException($"The task should have failed with {typeof(T).Name}.");
    }

    /// <summary>Completes when the event that it is handed to is raised.</summary>
    public static Task<T> Event<T>(Action<Action<T>> subscribe)
    {
        var raised = new TaskCompletionSource<T>();
        subscribe(value => raised.TrySetResult(value));
        return raised.Task;
    }
}
