namespace Savepoint.Hosting.Requests;

/// <summary>Marks an endpoint whose requests cost the hash of a password, which is the dearest thing that a server does. The limit of logins holds for them.</summary>
public sealed class PasswordWork
{
    internal static PasswordWork Instance { get; } = new();

    private PasswordWork()
    {
    }
}

/// <summary>Marks endpoints.</summary>
public static class PasswordWorkExtensions
{
    /// <summary>Says that the endpoint's requests cost the hash of a password.</summary>
    public static TBuilder CostsPasswordWork<TBuilder>(this TBuilder endpoint)
        where TBuilder : IEndpointConventionBuilder => endpoint.WithMetadata(PasswordWork.Instance);
}
