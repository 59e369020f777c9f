namespace Savepoint.Client.Tests;

/// <summary>What the fake server does with a request.</summary>
public enum Treatment
{
    /// <summary>As a server does.</summary>
    Normal,

    /// <summary>It never hears of it: not executed, not answered.</summary>
    Ignore,

    /// <summary>Executed, but the answer is lost.</summary>
    LoseAnswer,

    /// <summary>Refused with <see cref="FakeServer.Refusal"/>, and that is forgotten: the request number is not.</summary>
    Refuse,

    /// <summary>It comes to it, and to what follows on the same connection, when the test says so (<see cref="FakeServer.TakeHeld"/>).</summary>
    Hold,
}
