namespace Savepoint.Streams.Authentication;

/// <summary>What a connection's or request's other side is.</summary>
public enum PrincipalRole : byte
{
    /// <summary>A trusted game server.</summary>
    GameServer,

    /// <summary>A player's game client.</summary>
    Player,

    /// <summary>A service of the game's back end, such as a shop: changes profiles without a session, by what commutes and by messages.</summary>
    Service,

    /// <summary>Somebody who helps players: reads everything, history included, and changes nothing.</summary>
    Support,

    /// <summary>Whoever runs the game: may do everything.</summary>
    Admin,
}

/// <summary>Who is at the other side of a connection or request.</summary>
public sealed record Principal
{
    private Principal(PrincipalRole role, string name, string actor, int level) => (Role, Name, Actor, Level) = (role, name, actor, level);

    /// <summary>What it is.</summary>
    public PrincipalRole Role { get; }

    /// <summary>The name of the game server's process, of the service or person, or the player's user id.</summary>
    public string Name { get; }

    /// <summary>How it stands in the history: <c>server:eu-1</c>, <c>player:alice</c>, <c>service:shop</c>, <c>support:kim</c>, <c>admin:root</c>.</summary>
    public string Actor { get; }

    /// <summary>How much it is trusted with: rules of paths ask for a level. 0 is the least, and the default.</summary>
    public int Level { get; }

    /// <summary>The login session that a player came with, of which <see cref="ILoginSessions"/> knows; null for others, and for players of a studio's own issuer.</summary>
    public string? LoginSession { get; private init; }

    /// <summary>A game server.</summary>
    public static Principal GameServer(string name, int level = 0) => new(PrincipalRole.GameServer, name, "server:" + name, level);

    /// <summary>A player.</summary>
    /// <param name="userId">The user's id.</param>
    /// <param name="loginSession">The login session that it came with; null for none.</param>
    public static Principal Player(string userId, string? loginSession = null) => new(PrincipalRole.Player, userId, "player:" + userId, 0) { LoginSession = loginSession };

    /// <summary>A service of the back end.</summary>
    public static Principal Service(string name, int level = 0) => new(PrincipalRole.Service, name, "service:" + name, level);

    /// <summary>Somebody who helps players.</summary>
    public static Principal Support(string name, int level = 0) => new(PrincipalRole.Support, name, "support:" + name, level);

    /// <summary>Whoever runs the game, at the highest level.</summary>
    public static Principal Admin(string name) => new(PrincipalRole.Admin, name, "admin:" + name, int.MaxValue);
}
