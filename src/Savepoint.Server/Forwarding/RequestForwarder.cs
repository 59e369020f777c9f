using Microsoft.AspNetCore.Http.Features;
using Savepoint.Cluster;
using Savepoint.Server.Configuration;
using Savepoint.Server.NodeAuthentication;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;
using Savepoint.Protocol;
using Yarp.ReverseProxy.Forwarder;

namespace Savepoint.Server.Forwarding;

/// <summary>
/// Has the owner of a shard answer a request. 1: ask the map for the owner. 2: send the request there; the body waits until the owner asks for it. 3: if that
/// fails while the request can't have done anything, doubt the map, wait for a newer one or a moment, and begin again, for as long as a request may wait. 4: if
/// it fails later, do the same with a GET or HEAD whose body nobody has read, so these may be carried out twice; for all other methods, also those that could be repeated by
/// their definition (PUT, DELETE), say that nobody knows whether it took effect.
/// </summary>
internal sealed class RequestForwarder(
    IShardMaps maps, IHttpForwarder forwarder, NodeHttpClient client, NodeAddresses addresses, NodeAuthenticator nodes, SavepointOptions options,
    TimeProvider time, ForwardingMetrics metrics, ILogger<RequestForwarder> logger)
    : IDisposable
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(1);

    // A node that has lost the shard may still be at work on the request; one that was lost itself never answers. Who asks without harm need not wait to see.
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(2);

    private readonly CancellationTokenSource _stopping = new();

    /// <summary>Ends what is being forwarded: streams would go on for as long as their clients do, and hold up the end of this node.</summary>
    public Task CutAsync() => _stopping.CancelAsync();

    public void Dispose() => _stopping.Dispose();

    /// <summary>Forwards a request.</summary>
    /// <returns>False if it is to be served here after all: this node owns the shard by now.</returns>
    public async Task<bool> ForwardAsync(HttpContext context, int shard)
    {
        var hasBody = context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody ?? false;
        var body = new UntouchedBody(context.Request.Body);
        context.Request.Body = body;

        using var late = new CancellationTokenSource(options.Cluster.ForwardTimeout, time);
        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(late.Token, context.RequestAborted, _stopping.Token);
        var problem = ProblemCodes.NoOwner;
        try
        {
            while (true)
            {
                var map = maps.Current;
                if (map[shard].Node is { } owner)
                {
                    if (owner.Id == maps.Self.Id)
                        return false;
                    var outcome = await TryAsync(context, owner, shard, hasBody, body, waiting.Token);
                    metrics.Forwarded(outcome);
                    if (outcome != ForwardOutcome.NotDone)
                        return await AnsweredAsync(context, outcome);
                    problem = ProblemCodes.OwnerUnreachable;
                    ForwardingLog.Again(logger, shard, owner.Name, owner.Address);
                    maps.Doubt(shard);
                }

                await maps.WaitForNewerAsync(map.Version, Pause, time, waiting.Token);
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            metrics.Forwarded(ForwardOutcome.NotDone);
            await Problem.WriteAsync(
                context, StatusCodes.Status503ServiceUnavailable, problem, "The node that owns this can't be reached at present. Nothing was done.", RetryAfter);
            return true;
        }
        catch (OperationCanceledException)
        {
            // Whoever asked has gone.
            return true;
        }
    }

    private static async Task<bool> AnsweredAsync(HttpContext context, ForwardOutcome outcome)
    {
        if (context.Response.HasStarted)
            return true;
        if (outcome == ForwardOutcome.NoHttp2)
            await Problem.WriteAsync(context, StatusCodes.Status502BadGateway, ProblemCodes.NoHttp2, "The node that owns this takes no HTTP/2: set ListenHttp2 on all nodes.");
        else if (outcome == ForwardOutcome.BodyTooLarge)
            await Problem.WriteAsync(context, StatusCodes.Status413PayloadTooLarge, ProblemCodes.BodyTooLarge, "The body is larger than this address takes.");
        else if (outcome == ForwardOutcome.Unknown)
            await Problem.WriteAsync(context, StatusCodes.Status502BadGateway, ErrorCodes.OutcomeUnknown, "The connection to the node that owns this broke. The request may have taken effect.");
        return true;
    }

    private async Task<ForwardOutcome> TryAsync(HttpContext context, ClusterNode owner, int shard, bool hasBody, UntouchedBody body, CancellationToken waiting)
    {
        var isHttp2 = HttpProtocol.IsHttp2(context.Request.Protocol) && !IsWebSocket(context);
        var address = owner.Address;
        if (isHttp2)
        {
            try
            {
                if (await addresses.FindHttp2Async(owner, waiting) is not { } found)
                    return ForwardOutcome.NoHttp2;
                address = found;
            }
            catch (IOException)
            {
                return ForwardOutcome.NotDone;
            }
        }

        var attempt = new ForwardAttempt(owner, address, PathOf(context), hasBody, nodes);
        using var done = new CancellationTokenSource();
        using var cut = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
        var isRepeatable = IsSafe(context.Request.Method) || IsWebSocket(context);
        var patience = isRepeatable && !hasBody ? LastWord : options.Cluster.ForwardTimeout;

        // Over HTTP/2 the connection itself is asked for signs of life, and a stream may well say nothing for long.
        var watch = isHttp2 ? Task.CompletedTask : CutWhenLostAsync(context, owner, shard, patience, cut, done.Token);
        var request = new ForwarderRequestConfig
        {
            Version = isHttp2 ? System.Net.HttpVersion.Version20 : System.Net.HttpVersion.Version11,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
        };
        var error = await forwarder.SendAsync(context, address.GetLeftPart(UriPartial.Authority), client.Invoker, request, attempt, cut.Token);
        await done.CancelAsync();
        await watch;

        if (attempt.IsNoOwner)
            maps.Doubt(shard);
        if (error == ForwarderError.None && !attempt.IsRefused && !attempt.IsUnproven)
            return ForwardOutcome.Answered;
        if (context.RequestAborted.IsCancellationRequested)
            return ForwardOutcome.Aborted;
        if (context.Response.HasStarted)
            return ForwardOutcome.Broken;
        if (BodyLimits.IsExceeded(context))
        {
            context.Response.Clear();
            return ForwardOutcome.BodyTooLarge;
        }

        var outcome = !body.IsTouched && (attempt.IsRefused || isRepeatable || WasNotSent(context)) ? ForwardOutcome.NotDone : ForwardOutcome.Unknown;
        context.Response.Clear();
        return outcome;
    }

    /// <summary>A paused node answers nothing, ever: once the shard has another owner, nobody waits for it for long.</summary>
    private async Task CutWhenLostAsync(HttpContext context, ClusterNode owner, int shard, TimeSpan patience, CancellationTokenSource cut, CancellationToken done)
    {
        try
        {
            var map = maps.Current;
            while (map[shard].Node?.Id == owner.Id)
                map = await maps.WaitForNewerAsync(map.Version, done);
            await Task.Delay(patience, time, done);
            if (!context.Response.HasStarted)
                await cut.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // Answered.
        }
    }

    private static bool WasNotSent(HttpContext context) =>
        context.Features.Get<IForwarderErrorFeature>()?.Exception is HttpRequestException
        {
            HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError or HttpRequestError.SecureConnectionError,
        };

    private static bool IsWebSocket(HttpContext context) =>
        (HttpMethods.IsGet(context.Request.Method) && (context.Features.Get<IHttpUpgradeFeature>()?.IsUpgradableRequest ?? false))
        || context.Features.Get<IHttpExtendedConnectFeature>() is { IsExtendedConnect: true };

    /// <summary>A PUT or DELETE that comes again may undo what another client did in between.</summary>
    private static bool IsSafe(string method) => HttpMethods.IsGet(method) || HttpMethods.IsHead(method);

    /// <summary>As it was sent; a client that names the whole address, as one does to a proxy, gets it spelt anew.</summary>
    private static string PathOf(HttpContext context)
    {
        var target = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        return target.StartsWith('/') ? target : context.Request.PathBase.Add(context.Request.Path).ToUriComponent() + context.Request.QueryString.ToUriComponent();
    }
}

/// <summary>How an attempt to forward a request ended.</summary>
internal enum ForwardOutcome
{
    /// <summary>The owner's answer went to the client.</summary>
    Answered,

    /// <summary>It did nothing: it can be tried again.</summary>
    NotDone,

    /// <summary>It may have done something, or not.</summary>
    Unknown,

    /// <summary>The answer broke off in its middle, so the client's connection does too.</summary>
    Broken,

    /// <summary>The client has gone.</summary>
    Aborted,

    /// <summary>The owner takes no HTTP/2.</summary>
    NoHttp2,

    /// <summary>The client sent more than the endpoint takes, which only turned out on the way; the owner got a part of it, and does nothing with that.</summary>
    BodyTooLarge,
}
