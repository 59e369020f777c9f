namespace Savepoint.Testing;

/// <summary>A connection between two processes. Under the network's gate.</summary>
internal sealed class NetworkConnection
{
    private readonly SimulatedNetwork _network;
    private readonly NetworkLane _toServer;
    private readonly NetworkLane _toClient;

    public NetworkConnection(SimulatedNetwork network, SimulatedProcess client, SimulatedProcess server)
    {
        _network = network;
        (_toServer, _toClient) = (new NetworkLane(network, this), new NetworkLane(network, this));
        Client = new ConnectionEnd(network, client, _toServer, _toClient);
        Server = new ConnectionEnd(network, server, _toClient, _toServer);
        (_toServer.Sender, _toServer.Receiver) = (Client, Server);
        (_toClient.Sender, _toClient.Receiver) = (Server, Client);
    }

    public ConnectionEnd Client { get; }

    public ConnectionEnd Server { get; }

    public bool IsBroken { get; private set; }

    /// <summary>Whether neither end will ever use it again.</summary>
    public bool IsOver => Client.IsOver && Server.IsOver;

    public bool IsOf(SimulatedProcess process) => Client.Process == process || Server.Process == process;

    /// <summary>Cuts it: of what is on its way a part arrives, and each end is told at its own time.</summary>
    public void Break()
    {
        IsBroken = true;
        Sever(Client, _toClient);
        Sever(Server, _toServer);
    }

    /// <summary>Lets frames vanish from now on; nobody is told.</summary>
    public void Lose(LostDirection direction)
    {
        _toServer.IsLossy |= direction.HasFlag(LostDirection.ToServer);
        _toClient.IsLossy |= direction.HasFlag(LostDirection.ToClient);
        ExpectKeepAlive();
    }

    /// <summary>One of its processes has died; the other side learns of it soon, when it sends, or not at all.</summary>
    public void OnDeath(ConnectionEnd dead)
    {
        var survivor = dead == Client ? Server : Client;
        dead.Outgoing.DropTail();
        if (dead == Client)
            ExpectKeepAlive();
        switch (_network.ChooseNotice())
        {
            case DeathNotice.Soon:
                dead.Incoming.IsLossy = true;
                survivor.FailSoon("The connection was reset.");
                break;
            case DeathNotice.OnSend:
                dead.Incoming.IsReset = true;
                survivor.Room.Set();
                break;
            default:
                dead.Incoming.IsLossy = true;
                break;
        }
    }

    /// <summary>Holds frames while a partition cuts it, and lets them go on once none does.</summary>
    public void Freeze(bool isCut)
    {
        _toServer.Freeze(isCut);
        _toClient.Freeze(isCut);
    }

    // A lost ping and a lost answer look the same.
    private void ExpectKeepAlive() => _network.AfterKeepAlive(() => Server.FailSoon("The client does not answer pings."));

    private static void Sever(ConnectionEnd end, NetworkLane incoming)
    {
        incoming.DropTail();
        incoming.IsLossy = true;
        end.FailSoon("The connection is broken.");
    }
}
