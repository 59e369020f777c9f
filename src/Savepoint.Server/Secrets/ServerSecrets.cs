using System.Security.Cryptography;
using System.Text;
using Savepoint.Hosting.Secrets;
using Savepoint.Server.Configuration;
using Savepoint.Server.Hosting;
using Savepoint.Server.NodeAuthentication;

namespace Savepoint.Server.Secrets;

/// <summary>Derives from the key that the cluster shares; else from one in a file of the data folder; else, where the state is in memory and ends with it, from one of this process.</summary>
internal sealed class ServerSecrets : IServerSecrets
{
    private const string FileName = "server-key";

    private readonly INodeCredentials? _node;
    private readonly byte[]? _key;

    private ServerSecrets(INodeCredentials? node, byte[]? key) => (_node, _key) = (node, key);

    /// <exception cref="InvalidDataException">The file is not one of a key.</exception>
    public static ServerSecrets From(SavepointOptions options, INodeCredentials? node)
    {
        if (node is not null)
            return new ServerSecrets(node, key: null);
        return new ServerSecrets(node: null, options.Store == StoreKind.Memory ? RandomNumberGenerator.GetBytes(ClusterKeys.Bytes) : Read(Path.Combine(options.DataPath, FileName)));
    }

    public bool TryDerive(string purpose, Span<byte> secret)
    {
        var key = _key;
        if (key is null && !_node!.TryGetKey(out key))
            return false;

        // The prefix keeps purposes apart from the keys that are derived for other uses.
        HKDF.Expand(HashAlgorithmName.SHA256, key, secret, Encoding.UTF8.GetBytes("savepoint secret 1 " + purpose));
        return true;
    }

    private static byte[] Read(string path)
    {
        var key = SecretFiles.ReadOrCreate(path, () => RandomNumberGenerator.GetBytes(ClusterKeys.Bytes));
        return key.Length == ClusterKeys.Bytes ? key : throw new InvalidDataException(
            $"The file '{path}' has {key.Length} bytes, and not {ClusterKeys.Bytes}: put back the copy of it. Without one, delete it; then all players have to log in anew.");
    }
}
