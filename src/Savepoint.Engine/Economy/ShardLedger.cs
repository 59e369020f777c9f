using System.Text;
using Savepoint.Documents;
using Savepoint.Engine.Storage;

namespace Savepoint.Engine.Economy;

/// <summary>
/// A shard's part of the economy ledger: what its records have added and taken, by day, kind, path and reason. Guarded by the shard's lock.
/// 1. Each increment of a record is noted with the record's sequence number.
/// 2. What a commit that is given up has noted is forgotten with its records.
/// 3. A checkpoint stores, in the transaction that moves the shard's checkpoint number, the whole sums up to that number: however often that is tried, and whoever hears
/// of its outcome, each record is in them once.
/// 4. Who takes the shard reads the sums as they were stored and notes the records behind the checkpoint again, as it replays them.
/// </summary>
internal sealed class ShardLedger(EngineOptions options)
{
    // Clocks of nodes and of a machine before and after a correction differ: records may come a day late. Later ones count on the oldest day that is open.
    private const int DaysOpen = 2;

    // In UTF-16 units. An index of PostgreSQL takes no more than 2,700 bytes a row, for all of its columns.
    private const int MaxPathLength = 200;

    private readonly LedgerRowCache _cache = new();
    private readonly List<Row> _rows = [];
    private readonly Dictionary<(int Day, string Kind, string Path, string Reason), int> _byText = [];
    private readonly Dictionary<int, int> _rowsOfDay = [];
    private readonly List<int> _touched = [];
    private readonly Queue<Note> _notes = new();
    private int _oldestDay;
    private int _newestDay;

    /// <summary>How many increments are noted and not stored.</summary>
    public int Unstored => _notes.Count;

    /// <summary>The first day whose stored rows it needs, to count records from a time on.</summary>
    public static DateOnly FirstDay(DateTimeOffset time) => DateOnly.FromDayNumber(Math.Max(0, DayOf(time.UtcTicks) - DaysOpen));

    /// <summary>Takes what is stored, before anything is counted.</summary>
    public void Load(DateOnly from, IReadOnlyList<LedgerRow> stored)
    {
        Clear();
        _oldestDay = _newestDay = from.DayNumber;
        foreach (var row in stored)
        {
            _newestDay = Math.Max(_newestDay, row.Day.DayNumber);
            _rows[Add(row.Day.DayNumber, row.Kind, row.Path, row.Reason)].Stored = LedgerSums.Of(row);
        }
    }

    /// <summary>Notes what a record that changes an entity adds and takes.</summary>
    public void Count(long sequence, string kind, string? reason, long atTicks, ReadOnlySpan<byte> delta)
    {
        foreach (var operation in new DeltaReader(delta))
        {
            if (operation.Kind != OperationKind.Increment || IsRecord(operation))
                continue;
            var row = RowOf(Math.Max(_oldestDay, DayOf(atTicks)), kind, string.IsNullOrEmpty(reason) ? null : reason, operation.Path);
            if (operation.Amount.TryGetInt64(out var integer))
                Add(new Note(sequence, row, integer, 0));
            else if (operation.Amount.TryGetDouble(out var real))
                Add(new Note(sequence, row, 0, real));
        }
    }

    /// <summary>Forgets what records have noted that will never be durable.</summary>
    public void ForgetAfter(long committedSequence)
    {
        if (_notes.Count == 0)
            return;

        Replace(_notes.Where(note => note.Sequence <= committedSequence).ToArray());
    }

    /// <summary>The rows that records up to a sequence number have changed since the last time that they were stored, with their whole sums.</summary>
    public IReadOnlyList<LedgerRow> UpTo(long sequence)
    {
        if (_notes.Count == 0 || _notes.Peek().Sequence > sequence)
            return [];
        foreach (var note in _notes)
        {
            if (note.Sequence > sequence)
                break;
            var row = _rows[note.Row];
            if (!row.IsTouched)
            {
                row.IsTouched = true;
                row.Next = row.Stored;
                _touched.Add(note.Row);
            }

            note.AddTo(ref row.Next);
        }

        var rows = new LedgerRow[_touched.Count];
        for (var i = 0; i < rows.Length; i++)
        {
            var row = _rows[_touched[i]];
            row.IsTouched = false;
            rows[i] = row.Next.ToRow(DateOnly.FromDayNumber(row.Day), row.Kind, row.Path, row.Reason);
        }

        _touched.Clear();
        return rows;
    }

    /// <summary>What <see cref="UpTo"/> gave for a sequence number is stored.</summary>
    public void Stored(long sequence)
    {
        while (_notes.TryPeek(out var note) && note.Sequence <= sequence)
            _notes.Dequeue().AddTo(ref _rows[note.Row].Stored);
        if (_newestDay - _oldestDay > DaysOpen)
            CloseDays();
    }

    public void Clear()
    {
        _cache.Clear();
        _rows.Clear();
        _byText.Clear();
        _rowsOfDay.Clear();
        _notes.Clear();
    }

    /// <summary>An increment that can lead to one value only is no amount, but a mark that is made once, as of purchases: each would take a row of its own.</summary>
    private static bool IsRecord(in Operation operation) => operation.Min.Kind != ValueKind.None && operation.Min == operation.Max;

    private static int DayOf(long utcTicks) => (int)(utcTicks / TimeSpan.TicksPerDay);

    private void Add(Note note)
    {
        if (note.Integer != 0 || note.Real != 0)
            _notes.Enqueue(note);
    }

    private int RowOf(int day, string kind, string? reason, EncodedPath path)
    {
        if (_cache.TryFind(day, kind, reason, path.Bytes, out var row))
            return row;
        _newestDay = Math.Max(_newestDay, day);
        var (pathText, reasonText) = (TextOf(path), Storable(reason ?? ""));
        if (pathText.Length > MaxPathLength)
            (pathText, reasonText) = (LedgerRow.Other, LedgerRow.Other);
        if (!_byText.TryGetValue((day, kind, pathText, reasonText), out row))
        {
            row = _rowsOfDay.GetValueOrDefault(day) < options.MaxLedgerRows ? Add(day, kind, pathText, reasonText)
                : _byText.TryGetValue((day, kind, LedgerRow.Other, LedgerRow.Other), out var other) ? other
                : Add(day, kind, LedgerRow.Other, LedgerRow.Other);
        }

        _cache.Set(day, kind, reason, path.Bytes, row);
        return row;
    }

    private int Add(int day, string kind, string path, string reason)
    {
        _rows.Add(new Row(day, kind, path, reason));
        _byText.Add((day, kind, path, reason), _rows.Count - 1);
        _rowsOfDay[day] = _rowsOfDay.GetValueOrDefault(day) + 1;
        return _rows.Count - 1;
    }

    /// <summary>Lets go of the rows of days that nothing is counted on any more, once a day; those that notes still name go a day later.</summary>
    private void CloseDays()
    {
        _oldestDay = _newestDay - DaysOpen;
        var (rows, notes) = (_rows.ToArray(), _notes.ToArray());
        var named = notes.Select(note => note.Row).ToHashSet();
        Clear();
        var places = new int[rows.Length];
        for (var i = 0; i < rows.Length; i++)
        {
            if (rows[i].Day < _oldestDay && !named.Contains(i))
                continue;
            places[i] = Add(rows[i].Day, rows[i].Kind, rows[i].Path, rows[i].Reason);
            _rows[places[i]].Stored = rows[i].Stored;
        }

        Replace([.. notes.Select(note => note with { Row = places[note.Row] })]);
    }

    private void Replace(Note[] notes)
    {
        _notes.Clear();
        foreach (var note in notes)
            _notes.Enqueue(note);
    }

    private static string TextOf(EncodedPath path)
    {
        var text = new StringBuilder();
        foreach (var segment in path)
        {
            if (segment.IsIndex)
                text.Append("[]");
            else
                text.Append(text.Length == 0 ? "" : ".").Append(Documents.Path.Root.Child(segment.ToSegment().Key!));
        }

        return Storable(text.ToString());
    }

    /// <summary>As it is read back from the journal, and as every database takes it.</summary>
    private static string Storable(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');

    private sealed class Row(int day, string kind, string path, string reason)
    {
        public LedgerSums Stored;

        /// <summary>While rows are put together: the sums to be stored.</summary>
        public LedgerSums Next;

        public int Day => day;

        public string Kind => kind;

        public string Path => path;

        public string Reason => reason;

        public bool IsTouched { get; set; }
    }

    private readonly record struct Note(long Sequence, int Row, long Integer, double Real)
    {
        public void AddTo(ref LedgerSums sums)
        {
            if (Integer != 0)
                sums.Add(Integer);
            else
                sums.Add(Real);
        }
    }
}
