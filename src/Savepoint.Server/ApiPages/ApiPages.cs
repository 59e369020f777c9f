using Savepoint.Hosting.OpenApi;

namespace Savepoint.Server.ApiPages;

/// <summary>The description of the HTTP API: for programs at <c>/openapi/v1.json</c>, for people at <c>/docs</c>. All of the page comes from this server.</summary>
internal static class ApiPagesEndpoints
{
    private static readonly PathString Page = "/docs";

    public static void MapApiPages(this WebApplication app)
    {
        app.MapApiDescription();

        // On a way of its own: the page looks at the path of whatever passes it by a regular expression.
        app.MapWhen(static context => context.Request.Path.StartsWithSegments(Page, StringComparison.Ordinal), static docs => docs.UseSwaggerUI(page =>
        {
            page.RoutePrefix = Page.Value![1..];
            page.DocumentTitle = "Savepoint";
            page.SwaggerEndpoint(ApiDescription.Path, "Savepoint v1");
        }));
    }
}
