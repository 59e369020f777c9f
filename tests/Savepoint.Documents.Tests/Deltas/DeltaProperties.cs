using FsCheck.Fluent;

namespace Savepoint.Documents.Tests;

public sealed class DeltaProperties
{
    private static readonly DocumentLimits Limits = DocumentLimits.Default;

    [Fact]
    public void A_delta_means_what_the_model_says_and_gives_identical_bytes_on_both_ends() => Property.Holds(Story.Any, Story.Smaller, story =>
    {
        var here = story.Start.Clone();
        var there = Document.Decode(story.Start.ToBytes());
        var undo = new UndoLog();
        foreach (var operations in story.Deltas)
        {
            var delta = TestOperation.Encode(operations);
            var model = new Model(here);
            var expected = model.Apply(operations);

            Delta.Validate(delta, Limits).ShouldBe(DocumentError.None);
            Delta.TryApply(here, delta, Limits, undo).ShouldBe(expected);
            Delta.TryApply(there, delta, Limits, undo).ShouldBe(expected);
            if (expected == DocumentError.None)
                here.ToBytes().ShouldBe(model.ToDocument().ToBytes());
            there.ToBytes().ShouldBe(here.ToBytes());
            there.Checksum().ShouldBe(here.Checksum());
        }
    });

    [Fact]
    public void A_refused_delta_leaves_the_document_as_it_was() => Property.Holds(Story.Any, Story.Smaller, story =>
    {
        var document = story.Start.Clone();
        var undo = new UndoLog();
        foreach (var operations in story.Deltas)
        {
            var before = document.ToBytes();
            var mark = undo.Mark();
            if (Delta.TryApply(document, TestOperation.Encode(operations), Limits, undo, out var failed) == DocumentError.None)
            {
                failed.ShouldBe(-1);
                continue;
            }
            failed.ShouldBeInRange(0, operations.Length - 1);
            undo.Mark().ShouldBe(mark);
            document.ToBytes().ShouldBe(before);
        }
    });

    [Fact]
    public void Rolling_back_restores_the_bytes_at_every_mark_over_several_documents() => Property.Holds(Story.Any, Story.Smaller, story =>
    {
        Document[] documents = [story.Start.Clone(), story.Start.Clone()];
        var undo = new UndoLog();
        var marks = new Stack<(int Mark, byte[] First, byte[] Second, Document Clone)>();
        foreach (var (operations, i) in story.Deltas.Select((operations, i) => (operations, i)))
        {
            marks.Push((undo.Mark(), documents[0].ToBytes(), documents[1].ToBytes(), documents[0].Clone()));
            Delta.TryApply(documents[i % 2], TestOperation.Encode(operations), Limits, undo);
        }
        foreach (var (mark, first, second, clone) in marks)
        {
            clone.ToBytes().ShouldBe(first);
            undo.RollBackTo(mark);
            documents[0].ToBytes().ShouldBe(first);
            documents[1].ToBytes().ShouldBe(second);
        }
    });

    [Fact]
    public void The_encoded_size_is_always_exact() => Property.Holds(Story.Any, Story.Smaller, story =>
    {
        var document = story.Start.Clone();
        var undo = new UndoLog();
        var room = new byte[1 << 20];
        foreach (var operations in story.Deltas)
        {
            Delta.TryApply(document, TestOperation.Encode(operations), Limits, undo);
            document.Encode(room).ShouldBe(document.EncodedSize);
        }
        undo.RollBackTo(0);
        document.Encode(room).ShouldBe(document.EncodedSize);
        document.EncodedSize.ShouldBe(story.Start.EncodedSize);
    });

    [Fact]
    public void Changes_replayed_as_operations_give_the_same_document() => Property.Holds(Story.Any, Story.Smaller, story =>
    {
        var document = story.Start.Clone();
        var mirror = story.Start.Clone();
        var undo = new UndoLog();
        foreach (var operations in story.Deltas)
        {
            var changes = new Recorder();
            Delta.TryApply(document, TestOperation.Encode(operations), Limits, undo, changes, ChangeOrigin.Remote, out _);
            foreach (var change in changes.Changes)
            {
                mirror.TryGet(change.Path, out var present).ShouldBe(change.Kind is not (ChangeKind.Add or ChangeKind.Insert) || !present.IsNone);
                if (change.Kind != ChangeKind.Insert)
                    present.ShouldBe(change.OldValue);
                Delta.Apply(mirror, TestOperation.Encode([Recorder.AsOperation(change)]));
            }
            mirror.ToBytes().ShouldBe(document.ToBytes());
        }
    });

    [Fact]
    public void An_operation_read_back_and_written_again_has_the_same_bytes() => Property.Holds(Story.Any, Story.Smaller, story =>
    {
        var delta = TestOperation.Encode(story.Deltas.SelectMany(operations => operations));
        var copy = new DeltaWriter();
        var again = new List<TestOperation>();
        foreach (var operation in new DeltaReader(delta, Limits))
        {
            copy.Append(operation);
            var value = operation.Kind == OperationKind.Increment ? operation.Amount : operation.GetValue();
            again.Add(new TestOperation(operation.Kind, operation.Path.ToPath(), value, operation.Min, operation.Max));
        }
        copy.ToArray().ShouldBe(delta);
        TestOperation.Encode(again).ShouldBe(delta);
    });

    [Fact]
    public void Damaged_deltas_are_refused_or_are_other_deltas_in_their_one_form() => Property.Holds(
        from story in Story.Any
        from damage in Damage.Any
        select (story, damage),
        sample =>
        {
            var delta = sample.damage.Apply(TestOperation.Encode(sample.story.Deltas.SelectMany(operations => operations)));
            var document = sample.story.Start.Clone();
            var before = document.ToBytes();
            var valid = Delta.Validate(delta, Limits);
            var applied = Delta.TryApply(document, delta, Limits, new UndoLog());
            if (valid != DocumentError.None)
            {
                applied.ShouldNotBe(DocumentError.None);
                document.ToBytes().ShouldBe(before);
                return;
            }
            var again = new List<TestOperation>();
            foreach (var operation in new DeltaReader(delta))
            {
                var value = operation.Kind == OperationKind.Increment ? operation.Amount : operation.GetValue();
                again.Add(new TestOperation(operation.Kind, operation.Path.ToPath(), value, operation.Min, operation.Max));
            }
            TestOperation.Encode(again).ShouldBe(delta);
        });
}
