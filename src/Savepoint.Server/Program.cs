using Microsoft.Extensions.Options;
using Savepoint.Server.Hosting;

const int Failed = 1, WronglyConfigured = 2;

if (args is ["--help" or "-h"])
{
    Console.WriteLine(CommandLine.Usage);
    return 0;
}

try
{
    await using var app = SavepointApplication.Create(args);
    var engine = app.Services.GetRequiredService<EngineHost>();
    await app.RunAsync();
    if (engine.Failure is not { } failure)
        return 0;
    Console.Error.WriteLine($"savepoint-server: {failure.Message}");
    return Failed;
}
catch (OptionsValidationException exception)
{
    foreach (var line in exception.Failures)
        Console.Error.WriteLine($"savepoint-server: {line}");
    return WronglyConfigured;
}
catch (Exception exception) when (exception is FormatException or InvalidDataException)
{
    Console.Error.WriteLine($"savepoint-server: {exception.Message}");
    return WronglyConfigured;
}
catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
{
    Console.Error.WriteLine($"savepoint-server: {exception.Message}");
    return Failed;
}
