using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Savepoint.Engine;

namespace Savepoint.Modules.Accounts.Identities;

/// <summary>
/// What somebody logs in with, as an entity of the kind <c>sp-identity</c>: <c>name:alice</c>, <c>device:</c> and a hash of the id, which is a secret, and
/// <c>studio:</c> with issuer and subject. The entity holds the user id, so that nobody else can have the same.
/// </summary>
internal static class IdentityKeys
{
    public const string Name = "name", Device = "device", Studio = "studio";

    private const int MinNameLength = 3, MaxNameLength = 32, MinDeviceLength = 16, MaxDeviceLength = 128;

    /// <summary>The types of identities; an account has at most one of each.</summary>
    public static readonly string[] Types = [Name, Device, Studio];

    /// <summary>
    /// The identity of a user name. Names are ASCII only, and <c>A</c> to <c>Z</c> count as <c>a</c> to <c>z</c>: no other rule, so that two names that look alike
    /// can't be told from each other by folding tables that differ between machines.
    /// </summary>
    public static bool TryName(string? userName, out EntityKey key)
    {
        key = default;
        if (userName is not { Length: >= MinNameLength and <= MaxNameLength })
            return false;
        foreach (var character in userName)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '-' or '.'))
                return false;
        }

        key = new EntityKey(IdentityKind.Name, $"{Name}:{userName.ToLowerInvariant()}");
        return true;
    }

    /// <summary>The identity of a device.</summary>
    public static bool TryDevice(string? deviceId, out EntityKey key)
    {
        key = default;
        if (deviceId is not { Length: >= MinDeviceLength and <= MaxDeviceLength })
            return false;
        foreach (var character in deviceId)
        {
            if (char.IsControl(character) || char.IsWhiteSpace(character))
                return false;
        }

        var hash = SHA256.HashData(Encoding.UTF8.GetBytes("savepoint-device\0" + deviceId));
        key = new EntityKey(IdentityKind.Name, $"{Device}:{Base64Url.EncodeToString(hash)}");
        return true;
    }

    /// <summary>The identity of a user of the studio's own issuer. The issuer is escaped, so that no colon in it can be taken for the one that ends it.</summary>
    public static EntityKey OfStudio(string issuer, string subject)
    {
        var id = $"{Studio}:{Uri.EscapeDataString(issuer)}:{subject}";
        if (id.Length > EntityKey.MaxIdLength)
            id = $"{Studio}::{Base64Url.EncodeToString(SHA256.HashData(Encoding.UTF8.GetBytes(id)))}";
        return new EntityKey(IdentityKind.Name, id);
    }

    /// <summary>The type of an identity.</summary>
    public static string TypeOf(EntityKey key) => key.Id[..key.Id.IndexOf(':', StringComparison.Ordinal)];

    public static bool IsType([NotNullWhen(true)] string? type) => Array.IndexOf(Types, type) >= 0;
}
