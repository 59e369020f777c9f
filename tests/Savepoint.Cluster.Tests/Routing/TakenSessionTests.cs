using Savepoint.Engine;
using Savepoint.Engine.Sessions;
using Savepoint.Engine.Units;

namespace Savepoint.Cluster.Tests.Routing;

/// <summary>What requests over HTTP need of other nodes.</summary>
public sealed class TakenSessionTests
{
    private static readonly EntityKey Ada = RoutedCluster.KeyIn(1);

    [Fact]
    public void Another_node_says_who_holds_a_session_and_has_it_taken_and_only_if_it_is_held() => RoutedCluster.Run(async cluster =>
    {
        var owner = await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        await cluster.Until(() => gateway.Maps.Current.Owners.All(one => one.Node is not null), "it knows the owner");
        var early = gateway.Open(Taking(9));
        await cluster.Until(() => early.IsAnswered, "nobody holds it");
        early.Log.ShouldBe(["refused NotFound"]);

        var holder = owner.Open(Holder.By(1, 1, Ada));
        await cluster.Until(() => holder.Session > 0, "the first has it");
        var reading = gateway.Read(Ada);
        await reading.Answer;
        (reading.Snapshot.Session!.Number, reading.Snapshot.Session.Holder).ShouldBe((1, "server-1"));

        var thief = gateway.Open(Taking(8));
        await cluster.Until(() => thief.Session > 0, "it is taken");
        await cluster.Until(() => holder.Log.Contains("ended Stolen server-8"), "the holder is told");
    });

    [Fact]
    public void What_has_to_exist_is_asked_of_its_owner() => RoutedCluster.Run(async cluster =>
    {
        await cluster.StartAsync("owner", 0, 1, 2, 3);
        var gateway = await cluster.StartAsync("gateway");
        await cluster.Until(() => gateway.Maps.Current.Owners.All(one => one.Node is not null), "it knows the owner");
        (await gateway.Submit(TestUnit.Add(Ada, "n", 1) with { ExpectedVersion = Mutation.AnyVersion }).Answer)!.Code.ShouldBe(RefusalCode.NotFound);
        (await gateway.Submit(TestUnit.Add(Ada, "n", 1)).Answer).ShouldBeNull();
        (await gateway.Submit(TestUnit.Add(Ada, "n", 1) with { ExpectedVersion = Mutation.AnyVersion }).Answer).ShouldBeNull();
    });

    private static Holder Taking(int writer)
    {
        var by = Holder.By(writer, 1, Ada, SessionConflictPolicy.Steal);
        return new Holder { Key = by.Key, Name = by.Name, Writer = by.Writer, Request = by.Request, Policy = by.Policy, OnlyIfHeld = true };
    }
}
