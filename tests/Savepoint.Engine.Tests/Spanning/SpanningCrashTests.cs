namespace Savepoint.Engine.Tests;

/// <summary>I2, I4 and I8: a unit over three nodes, one of which dies at each moment that there is; others take its shards.</summary>
public sealed class SpanningCrashTests
{
    private static readonly EntityKey[] Keys = [World.KeyIn(0), World.KeyIn(1), World.KeyIn(2)];

    public static TheoryData<int, bool, bool> Ways => new(
        from victim in Enumerable.Range(0, 3)
        from atStore in new[] { true, false }
        from isNumbered in new[] { true, false }
        select (victim, atStore, isNumbered));

    [Theory]
    [MemberData(nameof(Ways))]
    public void Whoever_dies_at_whatever_moment_the_unit_is_whole_or_absent_and_once(int victim, bool atStore, bool isNumbered)
    {
        var moment = 0;
        for (var hasDied = true; hasDied; moment++)
        {
            World.Run(async world =>
            {
                var story = new Trade(world);
                await story.BeginAsync();
                if (atStore)
                    story.Nodes[victim].Crashes.DieAt = story.Nodes[victim].Crashes.Passed + moment;
                else
                    world.Links.At = passed => story.CrashIf(passed == moment, victim);
                await story.TradeAsync(isNumbered);
                hasDied = story.Nodes[victim].Crashes.IsDead;
                story.Nodes[victim].Crashes.DieAt = null;
                await story.EndAsync();
            }, seed: moment + 1);
        }

        moment.ShouldBeGreaterThan(atStore ? 4 : 8, "all moments were tried");
    }

    [Fact]
    public void Nor_does_it_matter_that_all_of_them_die_at_once()
    {
        var moment = 0;
        for (var hasDied = true; hasDied; moment++)
        {
            World.Run(async world =>
            {
                var story = new Trade(world);
                await story.BeginAsync();
                world.Links.At = passed =>
                {
                    for (var victim = 0; victim < 3; victim++)
                        story.CrashIf(passed == moment, victim);
                };
                await story.TradeAsync(isNumbered: true);
                hasDied = story.Nodes[0].Crashes.IsDead;
                await story.EndAsync();
            }, seed: moment + 1);
        }

        moment.ShouldBeGreaterThan(8, "all moments were tried");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_shard_may_be_handed_over_at_any_moment(int shard)
    {
        var moment = 0;
        for (var hasMoved = true; hasMoved; moment++)
        {
            World.Run(async world =>
            {
                var story = new Trade(world);
                await story.BeginAsync();
                hasMoved = false;
                var moving = Task.CompletedTask;
                world.Links.At = passed =>
                {
                    if (passed != moment)
                        return;
                    hasMoved = true;
                    moving = story.MoveAsync(shard, isForceful: false);
                };
                await story.TradeAsync(isNumbered: true);
                await moving;
                await story.EndAsync();
            }, seed: moment + 1);
        }

        moment.ShouldBeGreaterThan(8, "all moments were tried");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Or_be_taken_from_an_owner_who_does_not_know_and_is_still_asked(int shard)
    {
        var moment = 0;
        for (var hasMoved = true; hasMoved; moment++)
        {
            World.Run(async world =>
            {
                var story = new Trade(world);
                await story.BeginAsync();
                hasMoved = false;
                var moving = Task.CompletedTask;
                world.Links.At = passed =>
                {
                    if (passed != moment)
                        return;
                    hasMoved = true;
                    moving = story.MoveAsync(shard, isForceful: true);
                };
                await story.TradeAsync(isNumbered: true);
                await moving;
                await story.EndAsync();
            }, seed: moment + 1);
        }

        moment.ShouldBeGreaterThan(8, "all moments were tried");
    }

    /// <summary>Five gold go from one to two others.</summary>
    private sealed class Trade(World world)
    {
        private readonly Dictionary<int, Node> _owners = [];
        private bool _isAcknowledged;
        private bool _isOver;
        private Task _supervision = Task.CompletedTask;

        public Node[] Nodes { get; private set; } = [];

        public async Task BeginAsync()
        {
            world.Links.AreOpen = true;
            Nodes = [await world.JoinAsync([0, 3]), await world.JoinAsync([1]), await world.JoinAsync([2])];
            (_owners[0], _owners[1], _owners[2], _owners[3]) = (Nodes[0], Nodes[1], Nodes[2], Nodes[0]);
            await Nodes[0].Do(Make.Set(Keys[0], "gold", 10));
            world.Pass(1.5);
            _supervision = SuperviseAsync();
        }

        public void CrashIf(bool isTime, int victim)
        {
            if (isTime)
                Nodes[victim].Crash();
        }

        public async Task TradeAsync(bool isNumbered)
        {
            var first = new TestUnit(Make.Add(Keys[0], "gold", -5, min: 0), Make.Add(Keys[1], "gold", 2), Make.Add(Keys[2], "gold", 3));
            if (isNumbered)
                first.By(1, 1);
            for (var sent = first; ; sent = sent.Again())
            {
                var node = _owners[0];
                node.Submit(sent);
                for (var waited = 0; waited < 300 && !sent.IsAnswered && !node.Crashes.IsDead; waited++)
                    await Pause(50);
                _isAcknowledged |= sent is { IsAnswered: true, Refusal: null };
                if (_isAcknowledged || !isNumbered)
                    break;
                if (sent.IsAnswered)
                    (sent.Refusal!.IsTransient || sent.Refusal.Code == RefusalCode.OutcomeUnknown).ShouldBeTrue(sent.Refusal.ToString());
                else
                    node.Crashes.IsDead.ShouldBeTrue("nobody waits for ever");
                await Pause(100);
            }

            await Pause(1_000);
        }

        /// <summary>Brings a shard to another node; by force, its owner is still asked for a while, and believes that it owns it.</summary>
        public async Task MoveAsync(int shard, bool isForceful)
        {
            var to = await world.JoinAsync([]);
            if (!isForceful)
                await _owners[shard].Release(shard);
            var asked = world.Links.Owners[shard];
            await to.Take(shard);
            _owners[shard] = to;
            if (!isForceful)
                return;
            world.Links.Owners[shard] = asked;
            await Pause(1_500);
            world.Links.Owners[shard] = to;
        }

        public async Task EndAsync()
        {
            await Pause(20_000);
            _isOver = true;
            await _supervision;
            var gold = new List<string>();
            for (var i = 0; i < 3; i++)
                gold.Add(await _owners[i].Json(Keys[i]));
            string[] whole = ["""{"gold":5}""", """{"gold":2}""", """{"gold":3}"""];
            string[] absent = ["""{"gold":10}""", "none", "none"];
            var isWhole = gold.SequenceEqual(whole);
            (isWhole || gold.SequenceEqual(absent)).ShouldBeTrue(string.Join(' ', gold));
            if (_isAcknowledged)
                isWhole.ShouldBeTrue("it was acknowledged");
            var version = isWhole ? 1 : 0;
            (await _owners[1].Do(Make.Add(Keys[1], "n", 1)), await _owners[2].Do(Make.Add(Keys[2], "n", 1)), await _owners[0].Do(Make.Add(Keys[0], "n", 1)))
                .ShouldBe((version + 1, version + 1, version + 2));
            await Pause(3_000);
            foreach (var node in world.Nodes.Where(node => !node.Crashes.IsDead))
            {
                var snapshot = node.Engine.Snapshot();
                (snapshot.PreparedUnits, snapshot.DecidedUnits, snapshot.UnitsUnderWay).ShouldBe((0, 0, 0), node.Now.ToString(System.Globalization.CultureInfo.InvariantCulture));
            }
        }

        /// <summary>Lets another node take what a dead one had.</summary>
        private async Task SuperviseAsync()
        {
            while (!_isOver)
            {
                await Pause(200);
                var orphans = _owners.Where(owner => owner.Value.Crashes.IsDead).Select(owner => owner.Key).ToArray();
                if (orphans.Length == 0)
                    continue;
                await Pause(300);
                var next = await world.JoinAsync(orphans);
                foreach (var shard in orphans)
                    _owners[shard] = next;
            }
        }

        private Task Pause(int ms) => Task.Delay(TimeSpan.FromMilliseconds(ms), world.Time);
    }
}
