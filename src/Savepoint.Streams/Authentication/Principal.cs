namespace Savepoint.Streams.Authentication;

/// <summary>What a connection's other side is.</summary>
public enum PrincipalRole : byte
{
    /// <summary>A trusted game server.</summary>
    GameServer,

    /// <summary>A player's game client.</summary>
    Player,
}

/// <summary>Who is at the other side of a connection.</summary>
public sealed record Principal
{
    private Principal(PrincipalRole role, string name, string actor) => (Role, Name, Actor) = (role, name, actor);

    /// <summary>What it is.</summary>
    public PrincipalRole Role { get; }

    /// <summary>The name of the game server's process, or the player's user id.</summary>
    public string Name { get; }

    /// <summary>How it stands in the history: <c>server:eu-1</c>, <c>player:alice</c>.</summary>
    public string Actor { get; }

    /// <summary>A game server.</summary>
    public static Principal GameServer(string name) => new(PrincipalRole.GameServer, name, "server:" + name);

    /// <summary>A player.</summary>
    public static Principal Player(string userId) => new(PrincipalRole.Player, userId, "player:" + userId);
}
