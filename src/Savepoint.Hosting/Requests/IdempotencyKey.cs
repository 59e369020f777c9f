using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Savepoint.Engine.Units;
using Savepoint.Hosting.Problems;
using Savepoint.Protocol;
using Savepoint.Streams.Authentication;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// The header <c>Idempotency-Key</c>: the same request again, with the same key, has the outcome of the first, for 10 minutes, also after a crash and on another
/// node. To the engine a key is a writer that makes one request, which may be a batch.
/// </summary>
public static class IdempotencyKey
{
    /// <summary>The header.</summary>
    public const string Header = "Idempotency-Key";

    private const int MaxLength = 256;

    /// <summary>Reads the header.</summary>
    /// <returns>The key; null when there is none.</returns>
    /// <exception cref="ProblemException">It is empty, too long, or there are several.</exception>
    public static string? Read(HttpRequest request)
    {
        if (!request.Headers.TryGetValue(Header, out var values))
            return null;
        return values is [{ Length: > 0 and <= MaxLength } key]
            ? key
            : throw new ProblemException(ErrorCodes.InvalidRequest, $"{Header} has 1 to {MaxLength} characters, and comes once.");
    }

    /// <summary>The writer that a key stands for. No two callers have one in common.</summary>
    public static Guid WriterOf(Principal principal, string key)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"idempotency-key\0{principal.Actor}\0{key}"), hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>Stands for the content of a request: the same content has the same, on every node.</summary>
    public static ulong FingerprintOf(ReadOnlySpan<Mutation> mutations, string? reason)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Append(hash, reason);
        foreach (ref readonly var mutation in mutations)
        {
            Append(hash, mutation.Key.Kind);
            Append(hash, mutation.Key.Id);
            Append(hash, mutation.Intent);
            Append(hash, (long)mutation.Kind);
            Append(hash, mutation.ExpectedVersion ?? long.MinValue);
            Append(hash, mutation.RestoredVersion);
            Append(hash, mutation.Session);
            Append(hash, mutation.Payload.Span);
            Append(hash, mutation.Template.Span);
        }

        return Finish(hash);
    }

    /// <summary>Stands for the content of a request that holds a time, or something else that differs each time.</summary>
    /// <param name="parts">What does not differ.</param>
    public static ulong FingerprintOf(params ReadOnlySpan<string> parts)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in parts)
            Append(hash, part);
        return Finish(hash);
    }

    private static ulong Finish(IncrementalHash hash)
    {
        // 0 stands for none.
        var fingerprint = BinaryPrimitives.ReadUInt64BigEndian(hash.GetHashAndReset());
        return fingerprint == 0 ? 1 : fingerprint;
    }

    private static void Append(IncrementalHash hash, string? text) => Append(hash, text is null ? default : Encoding.UTF8.GetBytes(text).AsSpan());

    private static void Append(IncrementalHash hash, ReadOnlySpan<byte> bytes)
    {
        Append(hash, (long)bytes.Length);
        hash.AppendData(bytes);
    }

    private static void Append(IncrementalHash hash, long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        hash.AppendData(bytes);
    }
}
