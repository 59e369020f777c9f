namespace Savepoint.Engine.Tests;

/// <summary>Kinds as a game has them, release after release, and hooks that can be told to fail.</summary>
internal static class Game
{
    public static EntityKey A { get; } = World.KeyIn(0);

    public static EntityKey B { get; } = World.KeyIn(1);

    public static EntityKey C { get; } = World.KeyIn(2);

    /// <summary>The first release: it does not count template versions.</summary>
    public static KindRegistry First { get; } = new([new Kind { Name = "thing" }, new Kind { Name = "hero" }]);

    /// <summary>A release that counts to a version: each step doubles the gold and says that it was there.</summary>
    public static KindRegistry Release(int version, Action? onMigrate = null, params object[] hooks) => new(
    [
        new Kind
        {
            Name = "thing",
            TemplateVersion = version,
            Migrations = [.. Enumerable.Range(0, version).Select(from => new TemplateMigration(from, context => Migrate(from, context, onMigrate)))],
            CreatedHooks = [.. hooks.OfType<ICreatedHook>()],
            LoadedHooks = [.. hooks.OfType<ILoadedHook>()],
            UnloadingHooks = [.. hooks.OfType<IUnloadingHook>()],
        },
        new Kind { Name = "hero" },
    ]);

    public static KindRegistry With(params object[] hooks) => Release(0, null, hooks);

    private static void Migrate(int from, HookContext context, Action? onMigrate)
    {
        onMigrate?.Invoke();
        context.Delta.Increment("gold", context.Document.Root.TryGet("gold", out var gold) ? gold.AsInt64() : 0);
        context.Delta.Set($"from{from}", context.Version);
    }
}

/// <summary>Fails as long as it is told to; adds a property that is missing.</summary>
internal sealed class Blessing : ICreatedHook, ILoadedHook
{
    public bool Fails { get; set; }

    /// <summary>The first run that fails, where it is told to fail.</summary>
    public int FailsFrom { get; set; }

    public int Runs { get; private set; }

    public Action<HookContext> Write { get; init; } = context =>
    {
        if (!context.Document.Root.ContainsKey("blessing"))
            context.Delta.Set("blessing", 7);
    };

    public void OnCreated(HookContext context) => Run(context);

    public void OnLoaded(HookContext context) => Run(context);

    private void Run(HookContext context)
    {
        Runs++;
        if (Fails && Runs >= FailsFrom)
            throw new InvalidOperationException("a secret of the studio");
        Write(context);
    }
}

/// <summary>Notes what leaves memory.</summary>
internal sealed class Farewells : IUnloadingHook
{
    public List<string> Log { get; } = [];

    public bool Fails { get; set; }

    public void OnUnloading(UnloadingContext context)
    {
        Log.Add($"{context.Key.Id} {context.Reason} {context.Version} {(context.Document is null ? "none" : DocumentJson.ToText(context.Document))}");
        if (Fails)
            throw new InvalidOperationException("it does no harm");
    }
}
