using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Savepoint.Modules.Accounts.Identities;
using Savepoint.Modules.Accounts.Requests;
using Savepoint.Server.Development;
using Savepoint.Storage.Sqlite.Native;

namespace Savepoint.Server.Tests.Accounts;

/// <summary>The real server with accounts, and a clock that the test sets.</summary>
internal sealed class AccountServer : IAsyncDisposable
{
    public const string Password = "correct horse 7";

    private AccountServer(RunningServer server, ShiftedClock clock) => (Server, Clock) = (server, clock);

    public RunningServer Server { get; }

    public ShiftedClock Clock { get; }

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public static async Task<AccountServer> StartAsync(params string[] args)
    {
        var clock = new ShiftedClock();
        return new AccountServer(await RunningServer.StartAsync(builder => Use(builder.Services, clock), ["--dev", "--Savepoint:Accounts:PasswordIterations=10000", .. args]), clock);
    }

    /// <summary>Starts one on a data folder that stays.</summary>
    public static async Task<AccountServer> StartAsync(DirectoryInfo data, params string[] args)
    {
        var clock = new ShiftedClock();
        return new AccountServer(await RunningServer.StartAsync(data, args, savepoint => Use(savepoint.Services, clock)), clock);
    }

    /// <summary>Damages what the store holds of the entity of a kind that accounts keep; of the only one, where none is named. No server may run on it.</summary>
    public static void Damage(DirectoryInfo data, string kind, string? id = null)
    {
        SqliteLibrary.Load();
        using var connection = new SqliteConnection($"Data Source={System.IO.Path.Combine(data.FullName, "savepoint.db")};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = $"update entities set document = x'016363' where kind = '{kind}' and id = coalesce({(id is null ? "null" : $"'{id}'")}, id)";
        command.ExecuteNonQuery().ShouldBe(1);
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
    public Task<Answer> UnlinkAsync(string type, string? token, string? current = null) =>
        DeleteAsync("/api/v1/accounts/me/identities/" + type, token, current is null ? null : new { current });

    public Task<Answer> RegisterAsync(string userName, string password = Password, string? deviceId = null) =>
        PostAsync("/api/v1/session/register", deviceId is null ? new { userName, password } : new { userName, password, deviceId });

    public Task<Answer> LogInAsync(string userName, string password = Password) => PostAsync("/api/v1/session/login", new { userName, password });

    public Task<Answer> RefreshAsync(string refreshToken) => PostAsync("/api/v1/session/refresh", new { refreshToken });

    public string AdminSecret => Server.App.Services.GetRequiredService<DevelopmentKeys>().AdminSecret;

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static void Use(IServiceCollection services, ShiftedClock clock) => services.Replace(ServiceDescriptor.Singleton<TimeProvider>(clock));

    private async Task<Answer> SendAsync(HttpMethod method, string path, object? body, string? token, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(method, path);
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        foreach (var (name, value) in headers)
            request.Headers.Add(name, value);
        if (body is not null)
            request.Content = body as HttpContent ?? JsonContent.Create(body);
        using var response = await Server.Http.SendAsync(request, Cancelled);
        var text = await response.Content.ReadAsStringAsync(Cancelled);
        return new Answer((int)response.StatusCode, text.Length == 0 ? null : JsonNode.Parse(text)!.AsObject(), response.Headers.RetryAfter?.Delta);
    }
}

/// <summary>What the server answered.</summary>
internal sealed record Answer(int Status, JsonObject? Body, TimeSpan? RetryAfter)
{
    public string Code => Text("code");

    public string UserId => Text("userId");

    public string SessionId => Text("sessionId");

    public string AccessToken => Text("accessToken");

    public string RefreshToken => Text("refreshToken");

    public string Text(string name) => Body![name]!.GetValue<string>();

    public Answer ShouldBe(int status, string? code = null)
    {
        Status.ShouldBe(status, Body?.ToJsonString());
        if (code is not null)
            Code.ShouldBe(code);
        return this;
    }
}

/// <summary>The system's clock, set forward or back; what takes time takes as long as ever.</summary>
internal sealed class ShiftedClock : TimeProvider
{
    private long _ticks;

    public void Shift(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);

    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _ticks));
}
