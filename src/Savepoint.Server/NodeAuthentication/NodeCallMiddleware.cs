using System.Net;
using Microsoft.AspNetCore.Http.Features;
using Savepoint.Hosting.Problems;

namespace Savepoint.Server.NodeAuthentication;

/// <summary>
/// Looks at the header of calls between nodes wherever a request brings one: what is not genuine goes no further, so whatever comes after may rely on
/// <see cref="ICallingNode"/>. Answers to genuine calls prove who gives them. A genuine call carries, signed, the address of whoever asked the other node; that one counts from here on.
/// </summary>
internal sealed class NodeCallMiddleware(RequestDelegate next, NodeAuthenticator nodes, ILogger<NodeCallMiddleware> logger)
{
    public Task InvokeAsync(HttpContext context)
    {
        if (!context.Request.Headers.TryGetValue(NodeHeaders.Call, out var header))
            return next(context);
        var path = context.Features.GetRequiredFeature<IHttpRequestFeature>().RawTarget;
        var client = context.Request.Headers.TryGetValue(NodeHeaders.Client, out var named) ? named.ToString() : null;
        var verdict = nodes.Verify(header.Count == 1 ? header[0] : null, context.Request.Method, path, out var call, client);
        if (verdict != NodeVerdict.Genuine)
            return RefuseAsync(context, verdict);
        context.Features.Set<ICallingNode>(new CallingNode(call));
        if (IPAddress.TryParse(client, out var address))
            (context.Connection.RemoteIpAddress, context.Connection.RemotePort) = (address, 0);
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

    private sealed record CallingNode(NodeCall Call) : ICallingNode;
}
