using System.Diagnostics.CodeAnalysis;

namespace Savepoint.Modules.Characters;

/// <summary>What the rules say to a wish: what comes of it, or why it is not allowed. Immutable.</summary>
/// <typeparam name="T">What comes of it.</typeparam>
public sealed class Ruling<T>
    where T : notnull
{
    private readonly T? _result;

    private Ruling(T? result, RuleError? error)
    {
        _result = result;
        Error = error;
    }

    /// <summary>Why it is not allowed; null when it is.</summary>
    public RuleError? Error { get; }

    /// <summary>What comes of it.</summary>
    /// <exception cref="InvalidOperationException">It is not allowed.</exception>
    public T Result => Error is null ? _result! : throw new InvalidOperationException($"{Error.Code}: {Error.Detail}");

    /// <summary>What comes of it, or why it is not allowed.</summary>
    /// <param name="result">What comes of it; the default value when it is not allowed.</param>
    /// <param name="error">Why it is not allowed; null when it is.</param>
    /// <returns>Whether it is allowed.</returns>
    public bool IsAllowed([NotNullWhen(true)] out T? result, [NotNullWhen(false)] out RuleError? error)
    {
        result = _result;
        error = Error;
        return error is null;
    }

    /// <summary>It is allowed.</summary>
    public static implicit operator Ruling<T>(T result) => new(result, null);

    /// <summary>It is not allowed.</summary>
    public static implicit operator Ruling<T>(RuleError error) => new(default, error);
}
