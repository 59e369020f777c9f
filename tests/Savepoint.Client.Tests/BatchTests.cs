using Savepoint.Protocol;
using Savepoint.Protocol.Messages;

namespace Savepoint.Client.Tests;

/// <summary>Changes of many entities, each for itself (P14).</summary>
public sealed class BatchTests
{
    [Fact]
    public void Each_part_has_its_own_result() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var results = await client.SubmitAsync(
            b => b.Change("profile", "ada", d => d.Increment("gold", 5))
                .Change("profile", "bob", d => d.Increment("gold", 5), expectedVersion: 3)
                .Message("profile", "ada", new Document())
                .Change("profile", "ada", d => d.Increment("gold", 5)),
            "quest:dragon");
        results.Select(result => result.Version).ShouldBe([1L, 0, 1, 2]);
        results.Select(result => result.IsCommitted).ShouldBe([true, false, true, true]);
        var error = results[1].Error.ShouldNotBeNull();
        (error.Code, error.ChangeIndex, error.Id, error.ExpectedVersion, error.CurrentVersion).ShouldBe((ErrorCodes.VersionMismatch, 1, "bob", 3L, 0L));
        Should.Throw<SavepointException>(() => results[1].VersionOrThrow());
        server.Requests.Single(message => message.Batch is not null).Batch.Reason.ShouldBe("quest:dragon");
        server.Entity("ada")["gold"].ShouldBe(10);
    });

    [Fact]
    public void A_batch_whose_answer_is_lost_with_the_connection_is_sent_again_and_counts_once() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        server.Treat = _ => Treatment.LoseAnswer;
        var submitting = PayAll(client, 10);
        await server.Next(message => message.Batch is not null);
        server.Treat = _ => Treatment.Normal;
        server.Break();
        (await submitting).ShouldAllBe(result => result.Version == 1);
        server.Requests.Count(message => message.Batch is not null).ShouldBe(2);
        for (var i = 0; i < 10; i++)
            server.Entity($"p{i}")["gold"].ShouldBe(1);
    });

    [Fact]
    public void A_part_whose_outcome_nobody_knows_is_asked_for_again_with_the_whole_batch_under_its_number() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var refusals = 3;
        server.TreatPart = part => part.Id == "p4" && refusals-- > 0
            ? refusals == 2 ? new Error { Code = ErrorCodes.OutcomeUnknown, OutcomeUnknown = true } : new Error { Code = ErrorCodes.Overloaded, Transient = true }
            : null;
        (await PayAll(client, 10)).ShouldAllBe(result => result.Version == 1);
        var sent = server.Requests.Where(message => message.Batch is not null).ToList();
        sent.Count.ShouldBe(4, "a refusal for now of a repeat settles nothing either");
        sent.ShouldAllBe(message => message.Equals(sent[0]));
    });

    [Fact]
    public void A_part_that_is_refused_for_now_at_its_first_sending_is_the_callers_to_try_again() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { TreatPart = part => part.Id == "p4" ? new Error { Code = ErrorCodes.Overloaded, Transient = true } : null };
        await using var client = await server.ConnectClientAsync();
        var results = await PayAll(client, 10);
        results.Count(result => result.IsCommitted).ShouldBe(9);
        (results[4].Error!.IsTransient, results[4].Error!.Outcome).ShouldBe((true, RequestOutcome.NotApplied));
        server.Requests.Count(message => message.Batch is not null).ShouldBe(1);
    });

    [Fact]
    public void When_the_caller_waits_no_longer_what_is_known_of_other_parts_is_told() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { TreatPart = part => part.Id == "p4" ? new Error { Code = ErrorCodes.OutcomeUnknown, OutcomeUnknown = true } : null };
        await using var client = await server.ConnectClientAsync();
        var results = await PayAll(client, 10);
        results.Count(result => result.Version == 1).ShouldBe(9);
        (results[4].Error!.Code, results[4].Error!.Outcome, results[4].Error!.ChangeIndex).ShouldBe((ClientErrorCodes.Timeout, RequestOutcome.Unknown, 4));
    });

    [Fact]
    public void When_a_batch_is_too_old_to_be_asked_for_again_what_its_answer_says_of_other_parts_is_told() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { TreatPart = part => part.Id == "p4" ? new Error { Code = ErrorCodes.OutcomeUnknown, OutcomeUnknown = true } : null };
        await using var client = await server.ConnectClientAsync(options => options with { RequestTimeout = TimeSpan.FromHours(1) });
        server.Treat = message => message.Batch is null ? Treatment.Normal : Treatment.Hold;
        var submitting = PayAll(client, 10);
        await server.Next(message => message.Batch is not null);
        await simulation.Delay(600);
        server.TakeHeld();
        var results = await submitting;
        results.Count(result => result.Version == 1).ShouldBe(9);
        results[4].Error.ShouldNotBeNull().Outcome.ShouldBe(RequestOutcome.Unknown);
    });

    [Fact]
    public void Large_batches_go_in_several_messages_and_have_one_result() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        (await PayAll(client, 2_500)).Select(result => result.Version).ShouldBe(Enumerable.Repeat(1L, 2_500));
        server.Requests.Where(message => message.Batch is not null).Select(message => message.Batch.Parts.Count).ShouldBe([1_000, 1_000, 500]);

        var text = new string('a', 400 << 10);
        var results = await client.SubmitAsync(b =>
        {
            for (var i = 0; i < 5; i++)
                b.Change("profile", $"p{i}", d => d.Set("story", text));
        });
        results.ShouldAllBe(result => result.Version == 2);
        server.Requests.Where(message => message.Batch is not null).Skip(3).Select(message => message.Batch.Parts.Count).ShouldBe([2, 2, 1]);
    });

    [Fact]
    public void Each_nodes_parts_go_straight_to_it_and_the_results_are_in_the_order_of_the_parts() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        for (var shard = 0; shard < FakeCluster.Shards; shard++)
            cluster[0].Put(FakeCluster.IdIn(shard), ("gold", 0)).Version = 10 * shard;
        var results = await client.SubmitAsync(b =>
        {
            for (var i = 0; i < 8; i++)
                b.Change("profile", FakeCluster.IdIn(i % 4), d => d.Increment("gold", 1));
        });
        results.Select(result => result.Version).ShouldBe([1L, 11, 21, 31, 2, 12, 22, 32]);
        for (var node = 0; node < 2; node++)
        {
            var batch = cluster[node].Requests.Single(message => message.Batch is not null).Batch;
            batch.Parts.Select(part => ShardHash.ShardOf(part.Id, FakeCluster.Shards) % 2).ShouldBe(Enumerable.Repeat(node, 4));
        }
    });

    [Fact]
    public void A_batch_whose_node_is_lost_goes_on_at_another_one_and_counts_once() => Simulation.Run(async simulation =>
    {
        var cluster = new FakeCluster(simulation);
        await using var client = await cluster.ConnectAsync();
        cluster[1].Treat = message => message.Batch is null ? Treatment.Normal : Treatment.LoseAnswer;
        var submitting = client.SubmitAsync(b =>
        {
            for (var i = 0; i < 8; i++)
                b.Change("profile", FakeCluster.IdIn(i % 4), d => d.Increment("gold", 1));
        });
        await cluster[1].Next(message => message.Batch is not null);
        cluster.SetReachable(1, false);
        cluster[1].Break();
        (await submitting).Select(result => result.Version).ShouldBe([1L, 1, 1, 1, 2, 2, 2, 2]);
        for (var shard = 0; shard < FakeCluster.Shards; shard++)
            cluster[0].Entity(FakeCluster.IdIn(shard))["gold"].ShouldBe(2);
    });

    [Fact]
    public void A_profile_that_the_client_holds_is_changed_under_its_session_and_follows() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        var profile = await client.OpenAsync();
        profile.Data.AddGold(5);
        var results = await client.SubmitAsync(b => b.Change("profile", "ada", d => d.Increment("gold", 100)));
        await profile.SaveAsync();
        results[0].IsCommitted.ShouldBeTrue();
        server.Requests.Single(message => message.Batch is not null).Batch.Parts[0].Session.ShouldBe(server.Entity("ada").Session);
        (profile.Data.Gold, server.Entity("ada")["gold"].AsInt64(), profile.ChecksumMismatches).ShouldBe((105L, 105L, 0));
    });

    [Fact]
    public void A_batch_without_parts_is_a_mistake() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation);
        await using var client = await server.ConnectClientAsync();
        Should.Throw<ArgumentException>(() => { _ = client.SubmitAsync(_ => { }); });
    });

    [Fact]
    public void Cancelling_frees_the_caller_of_all_parts() => Simulation.Run(async simulation =>
    {
        var server = new FakeServer(simulation) { Treat = _ => Treatment.Ignore };
        await using var client = await server.ConnectClientAsync();
        using var cancelling = new CancellationTokenSource();
        var submitting = client.SubmitAsync(b => b.Remove("profile", "ada").Remove("profile", "bob"), cancellationToken: cancelling.Token);
        await server.Next(message => message.Batch is not null);
        cancelling.Cancel();
        await Task.WhenAny(submitting);
        submitting.IsCanceled.ShouldBeTrue();
    });

    private static Task<IReadOnlyList<BatchPartResult>> PayAll(SavepointClient client, int players) => client.SubmitAsync(b =>
    {
        for (var i = 0; i < players; i++)
            b.Change("profile", $"p{i}", d => d.Increment("gold", 1));
    });
}
