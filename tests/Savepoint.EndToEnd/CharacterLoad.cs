using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;

namespace Savepoint.EndToEnd;

/// <summary>
/// Users that earn a gold piece after the other for a character of theirs, over HTTP. What gets no answer is asked again under its own key, of the next node, until it
/// is answered; so in the end each must have exactly as many as were acknowledged.
/// </summary>
internal sealed class CharacterLoad : IDisposable
{
    private const string Wish = """
        {"name":"Bruenor","race":"human","class":"fighter","abilities":{"method":"pointBuy","scores":{"strength":15,"dexterity":13,"constitution":14,"intelligence":8,"wisdom":12,"charisma":10}}}
        """;

    // As a client would pause before it tries again; nothing is waited for by it.
    private static readonly TimeSpan Backoff = TimeSpan.FromMilliseconds(50);

    private readonly HttpClient _http = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = TimeSpan.FromSeconds(5) };
    private readonly Uri[] _nodes;
    private readonly Earner[] _earners;
    private readonly SemaphoreSlim _acknowledged = new(0);
    private readonly CancellationTokenSource _stop = new();
    private int _next;

    /// <param name="nodes">Where to ask, in turn.</param>
    /// <param name="users">The users, each with what authorizes requests for it.</param>
    public CharacterLoad(Uri[] nodes, IEnumerable<(string User, string Secret)> users) =>
        (_nodes, _earners) = (nodes, [.. users.Select(user => new Earner(user.User, user.Secret))]);

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    public Task RunAsync() => Task.WhenAll(_earners.Select(EarnAsync));

    /// <summary>Ends when so many more were acknowledged.</summary>
    public async Task AcknowledgedAsync(int count)
    {
        for (var i = 0; i < count; i++)
            (await _acknowledged.WaitAsync(TimeSpan.FromMinutes(1), Cancelled)).ShouldBeTrue("Nothing is acknowledged any more.");
    }

    /// <summary>How long after a moment the last of the users was answered again something that was asked after it; null while one still waits.</summary>
    public TimeSpan? ServedAgainAfter(long moment)
    {
        var last = moment;
        foreach (var earner in _earners)
        {
            // What was on its way at the moment may have been answered before it: the second answer was asked for after it.
            if (earner.AnsweredAfter(moment) is not { } at)
                return null;
            last = Math.Max(last, at);
        }

        return Stopwatch.GetElapsedTime(moment, last);
    }

    public void Stop() => _stop.Cancel();

    /// <summary>Each has what was acknowledged, no more and no less.</summary>
    public async Task CheckAsync()
    {
        foreach (var earner in _earners)
        {
            var list = await AskAsync(HttpMethod.Get, earner, "characters", null, null);
            var character = list["characters"]!.AsArray().ShouldHaveSingleItem()!;
            (character["currency"]!["gp"]!.GetValue<long>(), character["version"]!.GetValue<long>()).ShouldBe((earner.Earned, 1 + earner.Earned), earner.User);
        }
    }

    public void Dispose()
    {
        _http.Dispose();
        _stop.Dispose();
        _acknowledged.Dispose();
    }

    private async Task EarnAsync(Earner earner)
    {
        var id = (await AskAsync(HttpMethod.Post, earner, "characters", Wish, $"make-{earner.User}"))["id"]!.GetValue<string>();
        while (!_stop.IsCancellationRequested)
        {
            await AskAsync(HttpMethod.Patch, earner, $"characters/{id}/currency/modify", """{"gp":1}""", $"{earner.User}-{earner.Earned}");
            earner.Answered();
            _acknowledged.Release();
        }
    }

    private async Task<JsonObject> AskAsync(HttpMethod method, Earner earner, string path, string? body, string? key)
    {
        while (true)
        {
            var node = _nodes[(uint)Interlocked.Increment(ref _next) % (uint)_nodes.Length];
            using var request = new HttpRequestMessage(method, new Uri(node, $"/api/v1/{path}?user={earner.User}"));
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", earner.Secret);
            if (body is not null)
                request.Content = new StringContent(body, Encoding.UTF8, "application/json");
            if (key is not null)
                request.Headers.Add("Idempotency-Key", key);
            try
            {
                using var response = await _http.SendAsync(request, Cancelled);
                var text = await response.Content.ReadAsStringAsync(Cancelled);
                if (response.IsSuccessStatusCode)
                    return JsonNode.Parse(text)!.AsObject();
                response.StatusCode.ShouldBeOneOf(HttpStatusCode.ServiceUnavailable, HttpStatusCode.GatewayTimeout, HttpStatusCode.TooManyRequests, HttpStatusCode.BadGateway);
            }
            catch (Exception exception) when (exception is HttpRequestException or IOException || (exception is OperationCanceledException && !Cancelled.IsCancellationRequested))
            {
                // It may have been done, or not: the key finds out.
            }

            await Task.Delay(Backoff, Cancelled);
        }
    }

    private sealed class Earner(string user, string secret)
    {
        public string User => user;

        public string Secret => secret;

        private readonly ConcurrentQueue<long> _answers = new();

        public long Earned { get; private set; }

        public void Answered()
        {
            Earned++;
            _answers.Enqueue(Stopwatch.GetTimestamp());
        }

        /// <summary>When it was first answered what it had asked for after a moment.</summary>
        public long? AnsweredAfter(long moment)
        {
            var answers = _answers.Where(at => at > moment).Take(2).ToArray();
            return answers.Length == 2 ? answers[1] : null;
        }
    }
}
