using Microsoft.Extensions.DependencyInjection;
using Savepoint.Documents;
using Savepoint.Engine.Kinds;
using Savepoint.Hosting;

namespace Savepoint.Server.Tests.Kinds;

/// <summary>A game's kinds in code: what docs/how-to/define-kinds.md shows.</summary>
internal static class ExampleGame
{
    public static void Configure(SavepointBuilder savepoint)
    {
        savepoint.Services.AddSingleton(new SeasonCalendar("spring"));
        savepoint.AddKind("profile", kind => kind
            .Populator<CurrencySection>()
            .Populator<InventorySection>()
            .Strict(schema => schema
                .Between("currency.gold", 0L, 1_000_000L)
                .MaxLength("inventory", 200)
                .Between("inventory.*", 1L, 999L)
                .Type("season", ValueKind.String))
            .TemplateVersion(2)
            .Migration(0, migrate: null)
            .Migration<GoldIsCurrency>()
            .Hook<Season>()
            .Intent<Spend>());
    }
}

internal sealed class CurrencySection : IPopulator
{
    public void Populate(TemplateBuilder template) => template.Set("currency.gold", 100).Set("currency.gems", 5);
}

internal sealed class InventorySection : IPopulator
{
    public void Populate(TemplateBuilder template) => template.Set("inventory", new MapValue());
}

/// <summary>From version 1 to 2: <c>gold</c> has moved to <c>currency.gold</c>.</summary>
internal sealed class GoldIsCurrency : ITemplateMigration
{
    public int From => 1;

    public void Migrate(HookContext context)
    {
        if (!context.Document.Root.TryGet("gold", out var gold))
            return;
        context.Delta.Set("currency.gold", gold);
        context.Delta.Remove("gold");
    }
}

internal sealed record SeasonCalendar(string Present);

/// <summary>New profiles, and those that come into memory, say in which season they were last seen.</summary>
internal sealed class Season(SeasonCalendar calendar) : ICreatedHook, ILoadedHook
{
    public void OnCreated(HookContext context) => context.Delta.Set("season", calendar.Present);

    public void OnLoaded(HookContext context)
    {
        if (!context.Document.Root.TryGet("season", out var season) || season.AsString() != calendar.Present)
            context.Delta.Set("season", calendar.Present);
    }
}

internal sealed class Spend : IIntent
{
    public string Name => "spend";

    public string? Handle(IntentContext context)
    {
        var amount = context.Arguments.Root["amount"].AsInt64();
        if (amount <= 0 || context.Document.Get("currency.gold").AsInt64() < amount)
            return "not_enough_gold";
        context.Delta.Increment("currency.gold", -amount);
        return null;
    }
}
