using Savepoint.Engine.Storage;

namespace Savepoint.Storage.Conformance;

public abstract class DeadLetterTests(ITestDatabase database) : StoreTests(database)
{
    [Fact]
    public async Task A_dead_letter_comes_back_as_it_was_added_with_an_id()
    {
        await Store.AddDeadLetterAsync(Letter(1), Cancel);

        var letter = (await Store.ListDeadLettersAsync(0, 10, Cancel)).Single();

        letter.Id.ShouldBeGreaterThan(0);
        letter.Payload.ToArray().ShouldBe(Letter(1).Payload.ToArray());
        (letter with { Id = 0, Payload = default }).ShouldBe(Letter(1) with { Payload = default });
    }

    [Theory]
    [InlineData("broken \0 text")]
    [InlineData("broken \ud83d text")]
    public async Task A_dead_letter_is_kept_whatever_its_error_says(string error)
    {
        await Store.AddDeadLetterAsync(Letter(1) with { Error = error }, Cancel);

        var kept = (await Store.ListDeadLettersAsync(0, 10, Cancel)).Single().Error;
        kept.ShouldStartWith("broken ");
        kept.ShouldEndWith(" text");
    }

    [Fact]
    public async Task Dead_letters_are_listed_oldest_first_in_pages()
    {
        for (var i = 1; i <= 5; i++) await Store.AddDeadLetterAsync(Letter(i), Cancel);

        var first = await Store.ListDeadLettersAsync(0, 3, Cancel);
        var second = await Store.ListDeadLettersAsync(first[^1].Id, 3, Cancel);

        first.Select(letter => letter.Sequence).ShouldBe([1, 2, 3]);
        second.Select(letter => letter.Sequence).ShouldBe([4, 5]);
        (await Store.ListDeadLettersAsync(second[^1].Id, 3, Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task A_removed_dead_letter_is_gone_and_its_id_is_not_given_again()
    {
        await Store.AddDeadLetterAsync(Letter(1), Cancel);
        var id = (await Store.ListDeadLettersAsync(0, 1, Cancel)).Single().Id;

        (await Store.RemoveDeadLetterAsync(id, Cancel)).ShouldBeTrue();
        (await Store.RemoveDeadLetterAsync(id, Cancel)).ShouldBeFalse();
        (await Store.ListDeadLettersAsync(0, 1, Cancel)).ShouldBeEmpty();

        await Store.AddDeadLetterAsync(Letter(2), Cancel);
        (await Store.ListDeadLettersAsync(0, 1, Cancel)).Single().Id.ShouldBeGreaterThan(id);
    }

    [Fact]
    public async Task Reopening_keeps_dead_letters()
    {
        await Store.AddDeadLetterAsync(Letter(1), Cancel);

        await ReopenAsync();

        (await Store.ListDeadLettersAsync(0, 10, Cancel)).Single().Error.ShouldBe(Letter(1).Error);
    }

    private static DeadLetter Letter(long sequence) => new(0, "relay", 4, Alice, sequence, Bytes(40, (int)sequence), "message too large: ü", 5, Noon.AddSeconds(sequence));
}
