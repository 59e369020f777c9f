namespace Savepoint.Engine.Tests;

/// <summary>The parts of a batch are one request of their writer, and each takes effect once (I4, P14).</summary>
public sealed class BatchPartTests
{
    private static readonly EntityKey A = World.KeyIn(0);
    private static readonly EntityKey B = World.KeyIn(1);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_batch_that_comes_again_after_a_crash_carries_out_what_was_not_and_nothing_twice(bool checkpointed) => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Json(A);
        await node.Json(B);
        TestUnit[] parts = [Part(1, 0, A), Part(1, 1, A), Part(1, 2, B), Part(1, 3, A), Part(1, 4, Make.Set(A, "n.m", 1)), Part(1, 5, B), Part(1, 6, A)];
        foreach (var part in new[] { 0, 1, 2, 4 })
            await node.Submit(parts[part]).Answer;
        if (checkpointed)
            node.Checkpoint();
        node.Crash();
        node = await world.StartAsync();
        var again = parts.Select(part => node.Submit(part.Again())).ToArray();
        foreach (var part in again)
            await part.Answer;
        again.Select(part => part.Text).ShouldBe(["1", "2", "1", "3", "Document", "2", "4"]);
        again[4].Refusal.ShouldBe(parts[4].Refusal);
        (await node.Json(A)).ShouldBe("""{"n":4}""");
        (await node.Json(B)).ShouldBe("""{"n":2}""");
    });

    [Fact]
    public void Parts_and_whole_requests_are_told_apart_in_any_order() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Json(A);
        TestUnit[] requests =
        [
            Part(3, 1, A), Make.Add(A, "n", 1).By(1, 4), Part(3, 0, A), Make.Add(A, "n", 1).By(1, 3), Part(2, 9, A), Make.Add(A, "n", 1).By(1, 2), Part(5, 0, A),
        ];
        foreach (var request in requests)
            await node.Submit(request).Answer;
        requests.Select(request => request.Text).ShouldBe(["1", "2", "3", "4", "5", "6", "7"]);
        for (var i = 0; i < requests.Length; i++)
        {
            var again = node.Submit(requests[i].Again());
            await again.Answer;
            again.Text.ShouldBe($"{i + 1}");
        }
    });

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Parts_are_forgotten_when_the_writer_has_received_the_batch(bool crash) => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxOutcomesPerWriter = 3 });
        for (var index = 0; index < 3; index++)
            await node.Submit(Part(7, index, A)).Answer;
        (await node.Submit(Make.Add(A, "n", 1).By(1, 8)).Answer)!.Code.ShouldBe(RefusalCode.Overloaded, "as many outcomes are kept as may be");
        (await node.Submit(Make.Add(A, "n", 1).By(1, 8, received: 7)).Answer).ShouldBeNull();
        if (crash)
        {
            node.Crash();
            node = await world.StartAsync(World.Options with { MaxOutcomesPerWriter = 3 });
        }

        (await node.Submit(Part(7, 1, A)).Answer)!.Code.ShouldBe(RefusalCode.RequestForgotten);
        (await node.Json(A)).ShouldBe("""{"n":4}""");
    });

    [Fact]
    public void The_parts_of_the_oldest_batch_without_an_outcome_are_carried_out_however_many_outcomes_wait() => World.Run(async world =>
    {
        var node = await world.StartAsync(World.Options with { MaxOutcomesPerWriter = 3 });
        for (var request = 3; request <= 5; request++)
            await node.Submit(Make.Add(A, "n", 1).By(1, request, received: 1)).Answer;
        for (var index = 0; index < 3; index++)
            (await node.Submit(Part(2, index, A, received: 1)).Answer).ShouldBeNull();
        (await node.Submit(Part(6, 0, A, received: 1)).Answer)!.Code.ShouldBe(RefusalCode.Overloaded);
    });

    [Fact]
    public void A_part_with_other_content_is_not_given_the_outcome_of_the_first() => World.Run(async world =>
    {
        var node = await world.StartAsync();
        await node.Submit(Make.Add(A, "n", 1).By(1, BatchPart.Number(1, 0), fingerprint: 10)).Answer;
        (await node.Submit(Make.Add(A, "n", 2).By(1, BatchPart.Number(1, 0), fingerprint: 11)).Answer)!.Code.ShouldBe(RefusalCode.RequestReused);
    });

    [Theory]
    [InlineData(1, 0)]
    [InlineData(BatchPart.MaxRequest, 0)]
    [InlineData(BatchPart.MaxRequest, BatchPart.MaxParts - 1)]
    public void A_parts_number_holds_that_of_its_batch_and_its_place(long request, int index)
    {
        var number = BatchPart.Number(request, index);
        (BatchPart.RequestOf(number), BatchPart.IsPart(number), BatchPart.IsPart(request)).ShouldBe((request, true, false));
        number.ShouldBeGreaterThan(0);
        BatchPart.OrderOf(number).ShouldBeGreaterThan(BatchPart.OrderOf(request));
        if (index > 0)
            BatchPart.OrderOf(number).ShouldBe(BatchPart.OrderOf(BatchPart.Number(request, index - 1)) + 1);
        if (request < BatchPart.MaxRequest)
            BatchPart.OrderOf(number).ShouldBeLessThan(BatchPart.OrderOf(request + 1));
    }

    private static TestUnit Part(long batch, int index, EntityKey key, long received = 0) => Make.Add(key, "n", 1).By(1, BatchPart.Number(batch, index), received);

    private static TestUnit Part(long batch, int index, Mutation mutation) => mutation.By(1, BatchPart.Number(batch, index));
}
