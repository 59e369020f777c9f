namespace Savepoint.Server.NodeAuthentication;

/// <summary>The headers that nodes of a cluster put on what they send each other.</summary>
internal static class NodeHeaders
{
    /// <summary>Who calls whom, signed; see <see cref="NodeAuthenticator"/>.</summary>
    public const string Call = "Savepoint-Node";

    /// <summary>The address of the client whose request it is; signed with the call.</summary>
    public const string Client = "Savepoint-Node-Client";

    /// <summary>The proof of whoever answers that it is the node that was called.</summary>
    public const string Proof = "Savepoint-Node-Proof";

    /// <summary>The node did not look at the request, and says why: it can be sent to another.</summary>
    public const string Refused = "Savepoint-Node-Refused";

    /// <summary>The node served the request, though another one owns the shard by now.</summary>
    public const string NotOwner = "Savepoint-Node-Not-Owner";
}
