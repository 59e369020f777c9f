using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Savepoint.Simulation;

/// <summary>
/// What happened, a line each: equal traces mean equal runs. Lines are made only when somebody wants them; their hash can stand for them.
/// </summary>
public sealed class Trace : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly long _start;
    private readonly TextWriter? _output;
    private readonly IncrementalHash? _hash;

    /// <summary>Begins a trace.</summary>
    /// <param name="time">The true time.</param>
    /// <param name="output">Where the lines go; null for nowhere.</param>
    /// <param name="isHashed">Whether they are hashed.</param>
    public Trace(TimeProvider time, TextWriter? output, bool isHashed)
    {
        (_time, _output, _start) = (time, output, time.GetTimestamp());
        _hash = isHashed ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256) : null;
    }

    /// <summary>Whether anybody wants lines.</summary>
    public bool IsOn => _output is not null || _hash is not null;

    /// <summary>The hash of all lines so far; empty when they are not hashed.</summary>
    public string Hash => _hash is null ? "" : Convert.ToHexString(_hash.GetCurrentHash());

    /// <summary>Adds a line.</summary>
    public void Add(string who, string what)
    {
        if (!IsOn)
            return;
        var line = string.Create(CultureInfo.InvariantCulture, $"{_time.GetElapsedTime(_start).TotalSeconds:0.0000} {who}: {what}\n");
        lock (_gate)
        {
            _hash?.AppendData(Encoding.UTF8.GetBytes(line));
            _output?.Write(line);
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _hash?.Dispose();
}
