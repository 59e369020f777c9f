using Savepoint.Protocol.Messages;

namespace Savepoint.Client;

/// <summary>What is known of one version of a profile, without its data.</summary>
public sealed record ProfileVersion
{
    internal ProfileVersion(VersionInfo info)
    {
        Version = (long)info.Version;
        At = DateTimeOffset.FromUnixTimeMilliseconds(info.AtUnixMs);
        IsRemoval = info.Removed;
        IsReadable = info.Readable;
        HasRecord = info.HasRecord;
        Actor = info.Actor;
        Reason = info.Reason;
        CorrelationId = info.CorrelationId;
        EventType = info.EventType;
        RestoredVersion = info.RestoredVersion == 0 ? null : (long)info.RestoredVersion;
        DeltaBytes = (int)info.DeltaBytes;
    }

    /// <summary>Its number.</summary>
    public long Version { get; }

    /// <summary>When it was made, to the millisecond; where <see cref="HasRecord"/> is false, at the latest.</summary>
    public DateTimeOffset At { get; }

    /// <summary>Whether the profile was removed.</summary>
    public bool IsRemoval { get; }

    /// <summary>Whether it could be read, and rolled back to, when it was listed.</summary>
    public bool IsReadable { get; }

    /// <summary>Whether its record is still kept, and not only the profile as it was; only then are the properties below known.</summary>
    public bool HasRecord { get; }

    /// <summary>Who made it (<c>server:eu-1</c>); empty when it is not known.</summary>
    public string Actor { get; }

    /// <summary>Why, as the one who made it said; empty for nothing.</summary>
    public string Reason { get; }

    /// <summary>What ties it to the request that caused it; empty for nothing.</summary>
    public string CorrelationId { get; }

    /// <summary>The name of the intent that made it, or <c>rollback:</c> and a version; empty for plain changes.</summary>
    public string EventType { get; }

    /// <summary>The version that it brought back; null when it is no rollback.</summary>
    public long? RestoredVersion { get; }

    /// <summary>The bytes of the change that led to it.</summary>
    public int DeltaBytes { get; }
}
