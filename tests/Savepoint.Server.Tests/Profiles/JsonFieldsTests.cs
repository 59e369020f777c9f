using System.Text;
using System.Text.Json;
using Savepoint.Hosting.Problems;
using Savepoint.Hosting.Requests;

namespace Savepoint.Server.Tests.Profiles;

public sealed class JsonFieldsTests
{
    private const int Items = 500_000;

    [Fact]
    public void A_list_with_too_many_items_is_refused_before_any_of_them_takes_memory()
    {
        using var body = ListOf(Items, "{}");
        var fields = new JsonFields(body.RootElement);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<ProblemException>(() => fields.RequiredObjects("parts", Items - 1)).Message.ShouldBe($"'parts' has more than {Items - 1} items.");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 << 10);
        fields.RequiredObjects("parts", Items).Count.ShouldBe(Items);
    }

    [Fact]
    public void A_list_that_is_as_long_as_it_may_be_takes_memory_for_what_is_read_of_it()
    {
        using var body = ListOf(Items, "{}");
        var before = GC.GetAllocatedBytesForCurrentThread();
        var read = new JsonFields(body.RootElement).RequiredObjects("parts", Items).Take(10).Select(item => item.Read().Place).Last();
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 << 10);
        read.ShouldBe("parts[9]");
    }

    [Fact]
    public void An_object_with_more_fields_than_any_has_is_refused_before_they_take_memory()
    {
        using var body = JsonDocument.Parse("{" + string.Join(',', Enumerable.Range(0, 100_000).Select(i => $"\"f{i}\":0")) + "}");
        var before = GC.GetAllocatedBytesForCurrentThread();
        Should.Throw<ProblemException>(() => new JsonFields(body.RootElement)).Message.ShouldBe("The body has more than 32 fields.");
        (GC.GetAllocatedBytesForCurrentThread() - before).ShouldBeLessThan(64 << 10);
    }

    [Fact]
    public void A_field_that_is_there_twice_is_found_and_so_is_one_that_nobody_asks_for()
    {
        using var twice = JsonDocument.Parse("""{"a":1,"\u0061":2}""");
        Should.Throw<ProblemException>(() => new JsonFields(twice.RootElement, "x")).Message.ShouldBe("'x.a' is there twice.");
        using var unknown = JsonDocument.Parse("""{"a":1,"b":2}""");
        var fields = new JsonFields(unknown.RootElement);
        fields.Count("a").ShouldBe(1);
        Should.Throw<ProblemException>(fields.EndOfFields).Message.ShouldBe("'b' is not known here.");
        fields.Count("b").ShouldBe(2);
        fields.EndOfFields();
    }

    private static JsonDocument ListOf(int items, string item)
    {
        var text = new StringBuilder("{\"parts\":[").Append(item);
        for (var i = 1; i < items; i++)
            text.Append(',').Append(item);
        return JsonDocument.Parse(text.Append("]}").ToString());
    }
}
