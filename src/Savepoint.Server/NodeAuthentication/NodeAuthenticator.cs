using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Savepoint.Server.NodeAuthentication;

/// <summary>
/// Signs calls to other nodes and checks theirs: an HMAC-SHA256, under a key that is derived from the cluster's, of caller, called process, time, number,
/// the address of the client, method, path and query. A header is good for one request to one process within 30 seconds. It protects neither the other headers nor the body: nodes talk
/// over a private network, or through TLS.
/// </summary>
internal sealed class NodeAuthenticator(INodeCredentials credentials, TimeProvider time)
{
    /// <summary>How far apart the clocks of two nodes may be, the way included.</summary>
    public static readonly TimeSpan MaxSkew = TimeSpan.FromSeconds(30);

    private const string Version = "1";

    // A call from the future by the skew is good until twice the skew has passed.
    private readonly ReplayWindows _windows = new(MaxSkew * 2);
    private long _number;

    /// <summary>Signs a call.</summary>
    /// <param name="target">The process that is called.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="path">Its path and query, exactly as sent.</param>
    /// <param name="client">The address of the client whose request it is; null where it is the node's own.</param>
    /// <exception cref="IOException">This node has no key yet.</exception>
    public (NodeCall Call, string Header) Sign(Guid target, string method, string path, string? client = null)
    {
        if (!credentials.TryGetKey(out var key))
            throw new IOException("This node has not joined the cluster yet.");
        var call = new NodeCall(credentials.NodeId, target, time.GetUtcNow().ToUnixTimeMilliseconds(), Interlocked.Increment(ref _number));
        return (call, string.Create(CultureInfo.InvariantCulture, $"{Version}.{call.From:N}.{call.To:N}.{call.At}.{call.Number}.{Mac(key, call, Content(method, path, client))}"));
    }

    /// <summary>Checks the header of a request that came in.</summary>
    /// <param name="header">The header's value; null when there is none, or more than one.</param>
    /// <param name="method">The request's method.</param>
    /// <param name="path">Its path and query, exactly as received.</param>
    /// <param name="call">The call, if it is genuine.</param>
    /// <param name="client">The address of the client that the request names; null when it names none.</param>
    public NodeVerdict Verify(string? header, string method, string path, out NodeCall call, string? client = null)
    {
        call = default;
        if (!credentials.TryGetKey(out var key))
            return NodeVerdict.Unable;
        if (!TryParse(header, out var claimed, out var mac) || !AreEqual(mac, Mac(key, claimed, Content(method, path, client))))
            return NodeVerdict.Forged;
        if (claimed.To != credentials.NodeId)
            return NodeVerdict.ForAnother;
        var now = time.GetUtcNow();
        if (Math.Abs(now.ToUnixTimeMilliseconds() - claimed.At) > MaxSkew.TotalMilliseconds)
            return NodeVerdict.OutOfTime;
        var verdict = _windows.Take(claimed.From, claimed.Number, now);
        if (verdict == NodeVerdict.Genuine)
            call = claimed;
        return verdict;
    }

    /// <summary>Proves to a caller that this is the process that it called.</summary>
    /// <exception cref="IOException">This node has no key yet.</exception>
    public string Prove(NodeCall call) =>
        credentials.TryGetKey(out var key) ? Mac(key, call, "proof") : throw new IOException("This node has not joined the cluster yet.");

    /// <summary>Whether an answer comes from the process that was called.</summary>
    public bool IsProof(NodeCall call, string? proof) => proof is not null && credentials.TryGetKey(out var key) && AreEqual(proof, Mac(key, call, "proof"));

    private static string Content(string method, string path, string? client) => client is null ? $"request\n{method}\n{path}" : $"request of {client}\n{method}\n{path}";

    /// <summary>What is signed ends with the only part that may hold anything, so no two calls are spelt alike.</summary>
    private static string Mac(byte[] key, NodeCall call, string content)
    {
        var text = string.Create(CultureInfo.InvariantCulture, $"{Version}\n{call.From:N}\n{call.To:N}\n{call.At}\n{call.Number}\n{content}");
        return Base64Url.EncodeToString(HMACSHA256.HashData(ClusterKeys.Derive(key, ClusterKeys.Nodes), Encoding.UTF8.GetBytes(text)));
    }

    private static bool AreEqual(string left, string right) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(left), Encoding.UTF8.GetBytes(right));

    private static bool TryParse(string? header, out NodeCall call, out string mac)
    {
        (call, mac) = (default, "");
        if (header is not { Length: <= 256 } || header.Split('.') is not [Version, var from, var to, var at, var number, var code])
            return false;
        if (!Guid.TryParseExact(from, "N", out var caller) || !Guid.TryParseExact(to, "N", out var called) || !TryNumber(at, out var milliseconds) || !TryNumber(number, out var count))
            return false;
        (call, mac) = (new NodeCall(caller, called, milliseconds, count), code);
        return true;
    }

    private static bool TryNumber(string text, out long number) => long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out number);
}
