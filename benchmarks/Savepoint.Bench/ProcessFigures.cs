using System.Globalization;

namespace Savepoint.Bench;

/// <summary>What the kernel says of another process.</summary>
/// <param name="processId">The process.</param>
internal sealed class ProcessFigures(int processId)
{
    private const double TicksPerSecond = 100;

    /// <summary>The memory that it has in RAM, in MB (10^6 bytes).</summary>
    public double ResidentMb => Kilobytes("VmRSS:") * 1024 / 1e6;

    /// <summary>The processor time that it has taken.</summary>
    public double CpuSeconds
    {
        get
        {
            var fields = File.ReadAllText($"/proc/{processId}/stat").Split(')')[^1].Split(' ');
            return (long.Parse(fields[12], CultureInfo.InvariantCulture) + long.Parse(fields[13], CultureInfo.InvariantCulture)) / TicksPerSecond;
        }
    }

    private long Kilobytes(string name)
    {
        var line = File.ReadLines($"/proc/{processId}/status").First(line => line.StartsWith(name, StringComparison.Ordinal));
        return long.Parse(line.Split(' ', '\t').First(part => part.Length > 0 && char.IsAsciiDigit(part[0])), CultureInfo.InvariantCulture);
    }
}
