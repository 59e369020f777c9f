using System.Runtime.InteropServices;

namespace Savepoint.Cluster;

/// <summary>
/// The system's clock, whose timestamps also count the time for which the machine was suspended: a lease has to run out during that. On Linux they are
/// those of <c>CLOCK_BOOTTIME</c>; elsewhere they are the system's usual ones, which may stand still meanwhile.
/// </summary>
public sealed partial class BoottimeClock : TimeProvider
{
    private const int ClockBoottime = 7;
    private const long NanosecondsPerSecond = 1_000_000_000;

    private readonly bool _countsSuspend = OperatingSystem.IsLinux() && TryRead(out _);

    /// <summary>Whether timestamps count the time of a suspend.</summary>
    public bool CountsSuspend => _countsSuspend;

    /// <inheritdoc/>
    public override long TimestampFrequency => _countsSuspend ? NanosecondsPerSecond : base.TimestampFrequency;

    /// <inheritdoc/>
    public override long GetTimestamp() => _countsSuspend && TryRead(out var now) ? (now.Seconds * NanosecondsPerSecond) + now.Nanoseconds : base.GetTimestamp();

    private static bool TryRead(out Timespec now) => Read(ClockBoottime, out now) == 0;

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Read(int clock, out Timespec now);

    /// <summary>As the system's 64-bit ABI has it.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly struct Timespec
    {
        public readonly long Seconds;
        public readonly long Nanoseconds;
    }
}
