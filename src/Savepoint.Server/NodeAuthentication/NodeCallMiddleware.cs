using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Savepoint.Hosting.Problems;

namespace Savepoint.Server.NodeAuthentication;

/// <summary>
/// Looks at the header of calls between nodes wherever a request brings one: what is not genuine goes no further, so whatever comes after may rely on
/// <see cref="ICallingNode"/>. Answers to genuine calls prove who gives them. A genuine call carries the address of whoever asked the other node; that one counts from here on.
/// </summary>
internal sealed class NodeCallMiddleware(RequestDelegate next, NodeAuthenticator nodes, ILogger<NodeCallMiddleware> logger)
{
    private const string ForwardedFor = "X-Forwarded-For";

    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue(NodeHeaders.Call, out var header))
            return next(context);
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var verdict = nodes.Verify(header.Count == 1 ? header[0] : null, context.Request.Method, path, out var call);
        if (verdict != NodeVerdict.Genuine)
            return RefuseAsync(context, verdict);
        context.Features.Set<ICallingNode>(new CallingNode(call));
        TakeAddress(context);
        context.Response.OnStarting(() =>
        {
            context.Response.Headers[NodeHeaders.Proof] = nodes.Prove(call);
            return Task.CompletedTask;
        });
        return next(context);
    }

    private Task RefuseAsync(HttpContext context, NodeVerdict verdict)
    {
        if (verdict is not (NodeVerdict.ForAnother or NodeVerdict.Unable))
        {
            NodeAuthenticationLog.Refused(logger, verdict, context.Connection.RemoteIpAddress);
            return Problem.WriteAsync(context, StatusCodes.Status401Unauthorized, ProblemCodes.NodeNotGenuine, "The call of a node is not genuine.");
        }

        NodeAuthenticationLog.NotForThis(logger, verdict, context.Connection.RemoteIpAddress);
        var (code, detail) = verdict == NodeVerdict.ForAnother
            ? (ProblemCodes.WrongNode, "This is not the node that was meant.")
            : (ProblemCodes.NotReady, "This node can't take calls of nodes at present.");
        context.Response.Headers[NodeHeaders.Refused] = code;
        return Problem.WriteAsync(context, StatusCodes.Status421MisdirectedRequest, code, detail);
    }

    /// <summary>The last address of the list is the one that the calling node has added.</summary>
    private static void TakeAddress(HttpContext context)
    {
        var addresses = context.Request.Headers.GetCommaSeparatedValues(ForwardedFor);
        if (addresses.Length > 0 && IPAddress.TryParse(addresses[^1], out var address))
            (context.Connection.RemoteIpAddress, context.Connection.RemotePort) = (address, 0);
    }

    private sealed record CallingNode(NodeCall Call) : ICallingNode;
}
