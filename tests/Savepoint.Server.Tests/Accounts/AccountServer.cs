using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Server.Development;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>The real server with accounts, and a clock that the test sets.</summary>
internal sealed class AccountServer : IAsyncDisposable
{
    public const string Password = "correct horse 7";

    private AccountServer(RunningServer server, MovableTime clock) => (Server, Clock) = (server, clock);

    public RunningServer Server { get; }

    public MovableTime Clock { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<AccountServer> StartAsync(params string[] args)
    {
        var clock = new MovableTime();
        return new AccountServer(await RunningServer.StartAsync(builder => Use(builder.Services, clock), ["--dev", "--Savepoint:Accounts:PasswordIterations=10000", .. args]), clock);
    }

    /// <summary>Starts one on a data folder that stays.</summary>
    public static async Task<AccountServer> StartAsync(DirectoryInfo data, params string[] args)
    {
        var clock = new MovableTime();
        return new AccountServer(await RunningServer.StartAsync(data, args, savepoint => Use(savepoint.Services, clock)), clock);
    }

    /// <summary>The hash that is kept of a user's password.</summary>
    public async Task<string> PasswordHashAsync(string userName)
    {
        IdentityKeys.TryName(userName, out var key).ShouldBeTrue();
        var (document, _) = await Server.App.Services.GetRequiredService<AccountEngine>().ReadAsync(key, Cancelled);
        return IdentityState.From(document)!.PasswordHash!;
    }

    public Task<Answer> PostAsync(string path, object? body, string? token = null, params (string Name, string Value)[] headers) => SendAsync(HttpMethod.Post, path, body, token, headers);

    public Task<Answer> GetAsync(string path, string? token) => SendAsync(HttpMethod.Get, path, null, token);

    public Task<Answer> DeleteAsync(string path, string? token, object? body = null) => SendAsync(HttpMethod.Delete, path, body, token);

    public Task<Answer> LinkAsync(object identity, string? token) => PostAsync("/api/v1/accounts/me/identities", identity, token);

    /// <summary>Takes an identity of the player away.</summary>
    public Task<Answer> UnlinkAsync(string type, string? token, string? current = null) => UnlinkAsync(type, token, current is null ? new { } : new { current });

    /// <summary>Takes an identity of the player away, with what shows that it is the player.</summary>
    public Task<Answer> UnlinkAsync(string type, string? token, object proof) => PostAsync($"/api/v1/accounts/me/identities/{type}/unlink", proof, token);

    public Task<Answer> RegisterAsync(string userName, string password = Password, string? deviceId = null) =>
        PostAsync("/api/v1/session/register", deviceId is null ? new { userName, password } : new { userName, password, deviceId });

    public Task<Answer> LogInAsync(string userName, string password = Password) => PostAsync("/api/v1/session/login", new { userName, password });

    public Task<Answer> RefreshAsync(string refreshToken) => PostAsync("/api/v1/session/refresh", new { refreshToken });

    public string AdminSecret => Server.App.Services.GetRequiredService<DevelopmentKeys>().AdminSecret;

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static void Use(IServiceCollection services, MovableTime clock) => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));

    private Task<Answer> SendAsync(HttpMethod method, string path, object? body, string? token, params (string Name, string Value)[] headers) =>
        Answer.AskAsync(Server.Http, method, new Uri(path, UriKind.Relative), body, token, headers);
}
