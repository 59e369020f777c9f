using Savepoint.Engine.Journal;
using Savepoint.Engine.Writers;

namespace Savepoint.Engine.Tests;

public sealed class SegmentTests
{
    [Fact]
    public void Records_come_out_as_they_went_in()
    {
        using var writer = new SegmentWriter();
        var unit = new TestUnit(Make.Set(World.Thing("a"), "x", 1), Make.Set(World.Thing("b"), "x", 1)).By(3, 77, 70, 0xFFFF_FFFF_FFFF_FFFF);
        unit.Mutations[0].ResultVersion = 5;
        unit.Mutations[1].ResultVersion = long.MaxValue;
        var full = new RecordHeader
        {
            Type = RecordType.Changed,
            Key = new EntityKey("thing", "ключ\U0001F600"),
            Version = 5,
            PreviousSequence = 98,
            AtTicks = 1_000_000,
            Actor = new string('ж', 60),
            Reason = "shop",
            CorrelationId = "c",
            EventType = "buy",
            ProcessedMessages = [1, 200],
            OutcomeOf = unit,
        };
        writer.Append(full, 100, [1, 2, 3]);
        writer.Append(new RecordHeader { Type = RecordType.Removed, Key = World.Thing("b"), Version = 1, AtTicks = 999_999 }, 101, []);

        var reader = new SegmentReader(new JournalSegment(0, 100, 101, 1, Guid.Empty, default, writer.Finish()));
        reader.TryRead(out var record).ShouldBeTrue();
        (record.Sequence, record.Type, record.Version, record.PreviousSequence, record.AtTicks).ShouldBe((100, RecordType.Changed, 5, 98, 1_000_000));
        Text(record.Id).ShouldBe("ключ\U0001F600");
        Text(record.Actor).ShouldBe(new string('ж', 60));
        (Text(record.Reason), Text(record.CorrelationId), Text(record.EventType)).ShouldBe(("shop", "c", "buy"));
        record.ProcessedMessages.ShouldBe([1, 200]);
        (record.Outcome.Writer, record.Outcome.Request, record.Outcome.ReceivedThrough, record.Outcome.Fingerprint)
            .ShouldBe((World.Writer(3), 77, 70, 0xFFFF_FFFF_FFFF_FFFF));
        record.Outcome.Versions.ShouldBe([5, long.MaxValue]);
        record.Payload.ToArray().ShouldBe([1, 2, 3]);

        reader.TryRead(out record).ShouldBeTrue();
        (record.Sequence, record.Type, record.PreviousSequence, record.AtTicks, record.HasOutcome).ShouldBe((101, RecordType.Removed, 0, 999_999, false));
        reader.TryRead(out _).ShouldBeFalse();
    }

    [Fact]
    public void Outcomes_of_several_writers_come_out_of_their_record_as_they_went_in()
    {
        var refusal = new Refusal(RefusalCode.IntentRefused) { Mutation = 1, CurrentVersion = 9, Detail = "no", Path = "a.b", Holder = "h" };
        WriterOutcome[] outcomes =
        [
            new() { Request = 71, Sequence = 5, Fingerprint = ulong.MaxValue, Refusal = refusal },
            new() { Request = 72, Sequence = 5, Version = 7 },
            new() { Request = 73, Sequence = 5, Fingerprint = 3, Version = 8, Versions = [8, long.MaxValue] },
        ];
        var state = new WriterState();
        state.Received(70);
        using var record = new OutcomesRecord();
        record.Writer(World.Writer(1), state, outcomes.Length);
        foreach (var outcome in outcomes)
            record.Add(outcome);
        record.Writer(World.Writer(2), new WriterState(), outcomes: 0);
        using var writer = new SegmentWriter();
        writer.Append(new RecordHeader { Type = RecordType.Outcomes, Key = new EntityKey("", ""), AtTicks = 1 }, 5, record.Written);

        new SegmentReader(new JournalSegment(0, 5, 5, 1, Guid.Empty, default, writer.Finish())).TryRead(out var view).ShouldBeTrue();
        (view.Type, view.Version, view.PreviousSequence, view.Id.Length).ShouldBe((RecordType.Outcomes, 0, 0, 0));
        var table = new WriterTable(World.Options);
        table.ReplayOutcomes(view, now: 0);
        table.Count.ShouldBe(2);
        table.TryGet(World.Writer(1), out state).ShouldBeTrue();
        state.ReceivedThrough.ShouldBe(70);
        foreach (var outcome in outcomes)
        {
            state.TryFind(outcome.Request, out var found).ShouldBeTrue();
            (found.Sequence, found.Fingerprint, found.Version, found.Refusal).ShouldBe((outcome.Sequence, outcome.Fingerprint, outcome.Version, outcome.Refusal));
            (found.Versions ?? []).ShouldBe(outcome.Versions ?? []);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData((1 << 21) - 40)]
    [InlineData((1 << 21) - 10)]
    [InlineData(1 << 21)]
    [InlineData(5 << 20)]
    public void A_record_of_any_size_comes_out_as_it_went_in(int size)
    {
        var payload = new byte[size];
        new Random(1).NextBytes(payload);
        using var writer = new SegmentWriter();
        var offsets = new List<int>();
        for (var i = 0; i < 3; i++)
            offsets.Add(writer.Append(Header("a", 1), i + 1, payload));
        var segment = new JournalSegment(0, 1, 3, 1, Guid.Empty, default, writer.Finish());
        foreach (var at in offsets)
            writer.Slice(at, size).SequenceEqual(payload).ShouldBeTrue();
        var reader = new SegmentReader(segment);
        for (var i = 0; i < 3; i++)
        {
            reader.TryRead(out var record).ShouldBeTrue();
            record.Payload.SequenceEqual(payload).ShouldBeTrue();
        }
    }

    [Fact]
    public void A_record_is_found_by_its_sequence_number()
    {
        using var writer = new SegmentWriter();
        for (var i = 0; i < 10; i++)
            writer.Append(Header("a", i + 1), 50 + i, [(byte)i]);
        var segment = new JournalSegment(0, 50, 59, 1, Guid.Empty, default, writer.Finish());
        var decoded = new DecodedSegment(segment);
        foreach (var wanted in new[] { 59, 50, 55 })
        {
            var record = decoded.Read(wanted);
            (record.Sequence, record.Version).ShouldBe((wanted, wanted - 49));
        }

        foreach (var missing in new[] { 49, 60 })
        {
            decoded.Contains(missing).ShouldBeFalse();
            Should.Throw<JournalFormatException>(() => decoded.Read(missing).Version);
        }
    }

    [Fact]
    public void A_segment_whose_row_promises_another_number_of_records_is_refused()
    {
        using var writer = new SegmentWriter();
        for (var i = 0; i < 10; i++)
            writer.Append(Header("a", i + 1), 50 + i, [(byte)i]);
        var payload = writer.Finish();
        foreach (var last in new[] { 58, 60, long.MaxValue })
            Should.Throw<JournalFormatException>(() => new DecodedSegment(new JournalSegment(0, 50, last, 1, Guid.Empty, default, payload)));
    }

    [Fact]
    public void A_damaged_segment_is_always_recognized()
    {
        using var writer = new SegmentWriter();
        for (var i = 0; i < 20; i++)
        {
            writer.Append(
                Header($"entity-{i}", i + 1) with { OutcomeOf = Make.Set(World.Thing("a"), "x", 1).By(1, i + 1) },
                i + 1,
                [1, 2, 3, 4]);
        }

        var good = writer.Finish().ToArray();
        var random = new Random(20260131);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good.ToArray();
            var last = 20L;
            switch (random.Next(4))
            {
                case 0:
                    bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                    break;
                case 1:
                    bytes = bytes[..random.Next(1, bytes.Length)];
                    break;
                case 2:
                    bytes = [.. bytes, (byte)random.Next(256)];
                    break;
                default:
                    last = random.Next(2) == 0 ? 19 : 21;
                    break;
            }

            // Also with the right checksum over the wrong bytes: whatever is in them, nothing but this exception may come of it.
            var isSealed = random.Next(2) == 0 && bytes.Length > 13;
            if (isSealed)
                System.Buffers.Binary.BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(1), Crc32C.Compute(bytes.AsSpan(5)));
            var segment = new JournalSegment(0, 1, last, 1, Guid.Empty, default, bytes);
            if (!isSealed)
                Should.Throw<JournalFormatException>(() => ReadAll(segment), $"seed 20260131, case {i}");
            else
                Should.NotThrow(() => ReadOrRefuse(segment), $"seed 20260131, case {i}");
        }
    }

    private static void ReadOrRefuse(JournalSegment segment)
    {
        try
        {
            ReadAll(segment);
        }
        catch (JournalFormatException)
        {
            // Recognized.
        }
    }

    private static void ReadAll(JournalSegment segment)
    {
        var reader = new SegmentReader(segment);
        while (reader.TryRead(out _))
        {
        }
    }

    private static RecordHeader Header(string id, long version) => new() { Type = RecordType.Changed, Key = World.Thing(id), Version = version, AtTicks = 1 };

    private static string Text(ReadOnlySpan<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8);
}
