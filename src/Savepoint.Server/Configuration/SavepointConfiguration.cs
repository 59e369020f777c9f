using Microsoft.Extensions.Options;

namespace Savepoint.Server.Configuration;

/// <summary>Reads the settings.</summary>
public static class SavepointConfiguration
{
    private const string DefaultKind = "profile";
    private static readonly TimeSpan DrainGraceInCluster = TimeSpan.FromSeconds(1);

    /// <summary>Reads and checks the settings.</summary>
    /// <exception cref="OptionsValidationException">Something is wrong; it lists all of it.</exception>
    public static SavepointOptions Load(IConfiguration configuration)
    {
        var options = Bind(configuration);
        if (string.IsNullOrWhiteSpace(options.ListenHttp2))
            options.ListenHttp2 = null;
        options.HasDefaultKinds = options.Kinds.Count == 0;
        if (options.HasDefaultKinds)
            options.Kinds.Add(DefaultKind);

        // Sessions of a node that drains go on at another, so nobody has to end them first.
        if (options.Cluster.Enabled && configuration[$"{SavepointOptions.Section}:Streams:DrainGrace"] is null)
            options.Streams = options.Streams with { DrainGrace = DrainGraceInCluster };

        // The engine decides; the streams only tell clients about it.
        options.Streams = options.Streams with
        {
            NodeName = options.Node,
            SessionLease = options.Engine.SessionLease,
            WriterResumeWithin = options.Engine.WriterMemory - TimeSpan.FromMinutes(1),
            MaxMutationsPerUnit = options.Engine.MaxMutationsPerUnit,
            MaxProcessedMessages = options.Engine.MaxMessages,
        };

        var result = new SavepointOptionsValidator().Validate(name: null, options);
        return result.Succeeded ? options : throw new OptionsValidationException(SavepointOptions.Section, typeof(SavepointOptions), result.Failures);
    }

    private static SavepointOptions Bind(IConfiguration configuration)
    {
        var options = new SavepointOptions();
        try
        {
            // A misspelt setting that is silently ignored is found on the day that it matters.
            configuration.GetSection(SavepointOptions.Section).Bind(options, binder => binder.ErrorOnUnknownConfiguration = true);
            return options;
        }
        catch (InvalidOperationException exception)
        {
            // In lists, the innermost says which setting it is.
            var messages = new List<string>();
            for (Exception? cause = exception; cause is not null; cause = cause.InnerException)
                messages.Add(cause.Message);
            var message = string.Join(' ', messages);
            throw new OptionsValidationException(SavepointOptions.Section, typeof(SavepointOptions), [message]);
        }
    }
}
