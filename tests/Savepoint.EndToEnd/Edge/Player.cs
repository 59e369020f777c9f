using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Savepoint.Server.Tests.Accounts;

namespace Savepoint.EndToEnd.Edge;

/// <summary>A player with a token, who counts over HTTP, one after the other, each until it is acknowledged: in a profile, or the gold of a character.</summary>
internal sealed class Player(HttpClient http, Uri server, string userId, string token, string? character = null)
{
    private const string Name = "Minsc";

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    private volatile bool _isStopped;
    private int _acknowledged;
    private long _lastAt;

    public string UserId => userId;

    /// <summary>Registers a player at one server, who makes a character without gold at another, and goes on there.</summary>
    public static async Task<Player> RegisterAsync(HttpClient http, Uri at, Uri server, string userName)
    {
        var grant = (await Answer.AskAsync(http, HttpMethod.Post, new Uri(at, "/api/v1/session/register"), new { userName, password = $"correct horse {userName}" })).ShouldBe(201);
        var wish = new { name = Name, race = "human", @class = "fighter" };
        var character = (await Answer.AskAsync(http, HttpMethod.Post, new Uri(server, "/api/v1/characters"), wish, grant.AccessToken)).ShouldBe(201).Body;
        character["currency"]!["gp"]!.GetValue<int>().ShouldBe(0);
        return new Player(http, server, grant.UserId, grant.AccessToken, character["id"]!.GetValue<string>());
    }

    /// <summary>How many changes were acknowledged.</summary>
    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>When the last one was, as a timestamp.</summary>
    public long LastAt => Volatile.Read(ref _lastAt);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public void Stop() => _isStopped = true;

    /// <summary>Goes on until it is told to stop.</summary>
    public async Task RunAsync()
    {
        while (!_isStopped)
            await CountAsync();
    }

    /// <summary>Adds one, by the same request until that is acknowledged.</summary>
    public async Task CountAsync()
    {
        var key = $"{userId}-{Acknowledged}";
        while (!await TryCountAsync(key))
            await Task.Delay(Pause, Cancelled);
        Volatile.Write(ref _lastAt, Stopwatch.GetTimestamp());
        Interlocked.Increment(ref _acknowledged);
    }

    /// <summary>Adds one, by a request that no other player of the same user makes.</summary>
    public async Task CountOnceAsync(int number) => (await TryCountAsync($"{userId}-once-{number}")).ShouldBeTrue();

    /// <summary>Waits until a change was acknowledged that was sent after a moment.</summary>
    public async Task AnsweredSinceAsync(long moment)
    {
        while (LastAt <= moment)
            await Task.Delay(TimeSpan.FromMilliseconds(5), Cancelled);
    }

    /// <summary>What is stored, as some server says.</summary>
    public async Task<int> ReadAsync(Uri from)
    {
        var address = new Uri(from, character is null ? $"/api/v1/profiles/{userId}?path=count" : $"/api/v1/characters/{character}");
        var answer = (await Answer.AskAsync(http, HttpMethod.Get, address, token: token)).ShouldBe(200).Body;
        return (character is null ? answer["value"] : answer["currency"]!["gp"])!.GetValue<int>();
    }

    private async Task<bool> TryCountAsync(string key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Patch, new Uri(server, character is null ? $"/api/v1/profiles/{userId}" : $"/api/v1/characters/{character}/currency/modify"));
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        request.Content = new StringContent(character is null ? """{"operations":[{"op":"increment","path":"count","by":1}],"create":true}""" : """{"gp":1}""", Encoding.UTF8, "application/json");
        request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        try
        {
            using var response = await http.SendAsync(request, Cancelled);
            if (response.StatusCode == HttpStatusCode.OK)
                return true;
            var text = await response.Content.ReadAsStringAsync(Cancelled);
            ((int)response.StatusCode >= 500).ShouldBeTrue(text);
            return false;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
