using Microsoft.Extensions.Options;
using Savepoint.Hosting;

namespace Savepoint.Server.Hosting;

/// <summary>The whole life of a server process: what a <c>Main</c> method calls, Savepoint's own or that of a studio that adds its kinds.</summary>
public static class ServerRun
{
    private const int Failed = 1, WronglyConfigured = 2;

    /// <summary>Runs a server until it is told to stop. What goes wrong is said on the error output, a line each.</summary>
    /// <param name="args">The command line.</param>
    /// <param name="configure">Adds a game's own parts, as its kinds; null for none.</param>
    /// <returns>The process's exit code: 0 after a stop in good order, 1 when the start or a part failed, 2 when the settings are wrong.</returns>
    public static async Task<int> RunAsync(string[] args, Action<SavepointBuilder>? configure = null)
    {
        if (args is ["--help" or "-h"])
        {
            Console.WriteLine(CommandLine.Usage);
            return 0;
        }

        try
        {
            await using var app = SavepointApplication.Create(args, configure: configure);
            var engine = app.Services.GetRequiredService<EngineHost>();
            await app.RunAsync();
            if (engine.Failure is not { } failure)
                return 0;
            Say(failure.Message);
            return Failed;
        }
        catch (OptionsValidationException exception)
        {
            foreach (var line in exception.Failures)
                Say(line);
            return WronglyConfigured;
        }
        catch (Exception exception) when (exception is FormatException or InvalidDataException)
        {
            Say(exception.Message);
            return WronglyConfigured;
        }
        catch (Exception exception) when (exception is InvalidKindException or IOException or UnauthorizedAccessException)
        {
            Say(exception.Message);
            return Failed;
        }
    }

    private static void Say(string line) => Console.Error.WriteLine($"savepoint-server: {line}");
}
