namespace Savepoint.Engine.Tests;

/// <summary>Who knows a version is told that it is still the one, without its document.</summary>
public sealed class KnownVersionTests
{
    private static readonly EntityKey A = World.KeyIn(0);

    [Fact]
    public void The_document_is_left_out_as_long_as_the_version_is_the_known_one() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "gold", 1));
        (await Read(node, A, known: 1)).ShouldBe((1, true, false));
        (await Read(node, A, known: 0)).ShouldBe((1, false, true));
        (await Read(node, A, known: 2)).ShouldBe((1, false, true));
        await node.Do(Make.Set(A, "gold", 2));
        (await Read(node, A, known: 1)).ShouldBe((2, false, true));
        await node.Do(Make.Remove(A));
        (await Read(node, A, known: 2)).ShouldBe((3, false, false));

        // What was removed is never known: else who asks would hear that it is still as it was.
        (await Read(node, A, known: 3)).ShouldBe((3, false, false));
    });

    [Fact]
    public void It_is_told_only_once_the_version_is_durable() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Do(Make.Set(A, "gold", 1));
        var change = node.Submit(Make.Set(A, "gold", 2));
        var reading = new Reading { Key = A, KnownVersion = 2 };
        node.Engine.Read(reading);
        (change.IsAnswered, reading.IsAnswered).ShouldBe((false, false));
        await reading.Answer;
        (change.IsAnswered, reading.Snapshot.IsKnown).ShouldBe((true, true));
    });

    [Fact]
    public void What_changed_without_a_version_is_not_known_by_one() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        var body = new EntityKey("body", A.Id);
        await node.Do(Make.Set(body, "name", "x"));
        await node.Do(Make.Set(body, "mood", "merry"));
        (await Read(node, body, known: 1)).ShouldBe((1, false, true));
    });

    private static async Task<(long Version, bool IsKnown, bool HasDocument)> Read(Node node, EntityKey key, long known)
    {
        var reading = new Reading { Key = key, KnownVersion = known };
        node.Engine.Read(reading);
        await reading.Answer;
        reading.Refusal.ShouldBeNull();
        return (reading.Snapshot.Version, reading.Snapshot.IsKnown, reading.Snapshot.Document is not null);
    }
}
