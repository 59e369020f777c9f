using System.Collections.Concurrent;
using Savepoint.Cluster;
using Savepoint.Server.NodeAuthentication;

namespace Savepoint.Server.Forwarding;

/// <summary>
/// Where nodes take HTTP/2. The table of nodes has one address for each, so this asks the node itself, over HTTP/1.1, and keeps the answer for as long as the
/// process lives: an address belongs to a process, and a process never changes it.
/// </summary>
internal sealed class NodeAddresses(NodeAuthenticator nodes, NodeHttpClient client)
{
    private const int MaxKept = 1024;

    private readonly ConcurrentDictionary<Guid, Uri?> _known = new();

    /// <summary>Where a node takes HTTP/2; null if it does not.</summary>
    /// <exception cref="IOException">It can't be reached, or is another process.</exception>
    public async ValueTask<Uri?> FindHttp2Async(ClusterNode node, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue(node.Id, out var known))
            return known;
        var found = await AskAsync(node, cancellationToken);

        // Processes come and go; what is asked again costs one round trip.
        if (_known.Count >= MaxKept)
            _known.Clear();
        return _known[node.Id] = found;
    }

    private async Task<Uri?> AskAsync(ClusterNode node, CancellationToken cancellationToken)
    {
        var (call, header) = nodes.Sign(node.Id, HttpMethods.Get, NodeEndpoint.Path);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri(node.Address, NodeEndpoint.Path));
        request.Headers.TryAddWithoutValidation(NodeHeaders.Call, header);
        try
        {
            using var response = await client.Invoker.SendAsync(request, cancellationToken);
            var proof = response.Headers.TryGetValues(NodeHeaders.Proof, out var values) ? string.Join(',', values) : null;
            if (!response.IsSuccessStatusCode || !nodes.IsProof(call, proof))
                throw new IOException($"What answers at {node.Address} is not node {node.Name}.");
            var text = await response.Content.ReadAsStringAsync(cancellationToken);
            return text.Length == 0 ? null : new Uri(text);
        }
        catch (HttpRequestException exception)
        {
            throw new IOException($"Node {node.Name} at {node.Address} can't be reached: {exception.Message}", exception);
        }
    }
}
