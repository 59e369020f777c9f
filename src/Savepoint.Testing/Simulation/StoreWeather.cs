namespace Savepoint.Testing;

/// <summary>How a <see cref="SimulatedDatabase"/> treats the calls that come from now on. The shares are of all calls, 0 to 1.</summary>
public sealed record StoreWeather
{
    /// <summary>Nothing goes wrong.</summary>
    public static StoreWeather Fair { get; } = new();

    /// <summary>The least time that a call or its answer is on its way. The default value is 0.1 ms.</summary>
    public TimeSpan MinLatency { get; init; } = TimeSpan.FromMicroseconds(100);

    /// <summary>The most time that a call or its answer is on its way. The default value is 2 ms.</summary>
    public TimeSpan MaxLatency { get; init; } = TimeSpan.FromMilliseconds(2);

    /// <summary>The longest that a stalled or late call takes. The default value is 20 seconds.</summary>
    public TimeSpan MaxStall { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>The share of <see cref="StoreFault.Refused"/>.</summary>
    public double Refused { get; init; }

    /// <summary>The share of <see cref="StoreFault.AnswerLost"/>.</summary>
    public double AnswerLost { get; init; }

    /// <summary>The share of <see cref="StoreFault.RequestLost"/>.</summary>
    public double RequestLost { get; init; }

    /// <summary>The share of <see cref="StoreFault.Late"/>.</summary>
    public double Late { get; init; }

    /// <summary>The share of <see cref="StoreFault.Stalled"/>.</summary>
    public double Stalled { get; init; }

    /// <summary>Whether every call fails: at once, or with an unknown outcome when its connection dies under it.</summary>
    public bool IsDown { get; init; }

    /// <summary>Whether what needs space is refused; reads and trims work.</summary>
    public bool IsFull { get; init; }

    internal StoreFault? Draw(Random random)
    {
        if (IsDown)
            return StoreFault.Down;
        if (Refused + AnswerLost + RequestLost + Late + Stalled == 0)
            return null;
        var drawn = random.NextDouble();
        return (drawn -= Refused) < 0 ? StoreFault.Refused
            : (drawn -= AnswerLost) < 0 ? StoreFault.AnswerLost
            : (drawn -= RequestLost) < 0 ? StoreFault.RequestLost
            : (drawn -= Late) < 0 ? StoreFault.Late
            : drawn - Stalled < 0 ? StoreFault.Stalled
            : null;
    }
}
