using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Savepoint.Server.Tests.Cluster;
using Savepoint.Server.Tests.Profiles;
using Savepoint.Streams.Tests;

namespace Savepoint.Server.Tests.Bodies;

/// <summary>Bodies that are too large, sent by a client that asks for nothing before and reads nothing until it has sent all of it.</summary>
public sealed class LargeBodyTests
{
    private const int Large = 6 << 20;

    private static CancellationToken Cancelled => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task It_is_told_so_and_the_connection_goes_on(bool isChunked)
    {
        await using var server = await ProfileApi.StartAsync();
        await using var connection = await Connection.OpenAsync(server.Http.BaseAddress!);
        var answer = await connection.SendAsync("PATCH", "/api/v1/profiles/alice", ProfileApi.ShopSecret, Large, isChunked);
        answer.ShouldStartWith("HTTP/1.1 413 ");
        answer.ShouldContain("application/problem+json");
        answer.ShouldContain("\"code\":\"request.body_too_large\"");
        (await connection.SendAsync("GET", "/api/v1/profiles/alice", ProfileApi.ShopSecret, null, isChunked: false)).ShouldStartWith("HTTP/1.1 404 ");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task So_is_a_player_whose_limit_is_lower(bool isChunked)
    {
        await using var server = await ProfileApi.StartAsync("--dev");
        await using var connection = await Connection.OpenAsync(server.Http.BaseAddress!);
        var answer = await connection.SendAsync("PATCH", "/api/v1/profiles/alice", await server.DevelopmentTokenAsync("alice"), 2 << 20, isChunked);
        answer.ShouldStartWith("HTTP/1.1 413 ");
        answer.ShouldContain("\"code\":\"request.body_too_large\"");
        (await connection.SendAsync("GET", "/api/v1/profiles/alice", ProfileApi.ShopSecret, null, isChunked: false)).ShouldStartWith("HTTP/1.1 404 ");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task So_is_whoever_asks_another_node_than_the_owner(bool isChunked)
    {
        await using var first = await TestNode.StartAsync("first");
        await using var second = await TestNode.StartAsync("second");
        TestNode.Assign(second.Node, [first, second], "bob");
        await using var connection = await Connection.OpenAsync(first.Node.Address);
        var answer = await connection.SendAsync("PATCH", "/api/v1/profiles/bob", TestClient.Secret, Large, isChunked);
        answer.ShouldStartWith("HTTP/1.1 413 ");
        answer.ShouldContain("\"code\":\"request.body_too_large\"");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_is_not_too_large_is_taken(bool isChunked)
    {
        await using var server = await ProfileApi.StartAsync();
        await using var connection = await Connection.OpenAsync(server.Http.BaseAddress!);
        (await connection.SendAsync("PATCH", "/api/v1/profiles/alice", ProfileApi.ShopSecret, 1 << 20, isChunked)).ShouldContain("\"code\":\"document.invalid_json\"");
    }

    /// <summary>A connection without manners.</summary>
    private sealed class Connection(TcpClient client, Uri server) : IAsyncDisposable
    {
        public static async Task<Connection> OpenAsync(Uri server)
        {
            var client = new TcpClient();
            await client.ConnectAsync(server.Host, server.Port, Cancelled);
            return new Connection(client, server);
        }

        public async Task<string> SendAsync(string method, string path, string secret, int? bytes, bool isChunked)
        {
            var stream = client.GetStream();
            var length = bytes is null ? "" : isChunked ? "Transfer-Encoding: chunked\r\nContent-Type: application/json\r\n" : $"Content-Length: {bytes}\r\nContent-Type: application/json\r\n";
            await WriteAsync(stream, $"{method} {path} HTTP/1.1\r\nHost: {server.Authority}\r\nAuthorization: Bearer {secret}\r\nSavepoint-Name: large\r\n{length}\r\n");
            var part = new byte[64 << 10];
            Array.Fill(part, (byte)'x');
            for (var sent = 0; sent < bytes; sent += part.Length)
            {
                if (isChunked)
                    await WriteAsync(stream, $"{part.Length:x}\r\n");
                await stream.WriteAsync(part, Cancelled);
                if (isChunked)
                    await WriteAsync(stream, "\r\n");
            }

            if (bytes is not null && isChunked)
                await WriteAsync(stream, "0\r\n\r\n");
            return await ReadAsync(stream);
        }

        public ValueTask DisposeAsync()
        {
            client.Dispose();
            return ValueTask.CompletedTask;
        }

        private static async Task WriteAsync(Stream stream, string text) => await stream.WriteAsync(Encoding.ASCII.GetBytes(text), Cancelled);

        /// <summary>Head and body, as far as its length, or its last chunk, says.</summary>
        private static async Task<string> ReadAsync(Stream stream)
        {
            var text = new StringBuilder();
            var buffer = new byte[4096];
            while (true)
            {
                var read = await stream.ReadAsync(buffer, Cancelled);
                text.Append(Encoding.UTF8.GetString(buffer, 0, read));
                var answer = text.ToString();
                var head = answer.IndexOf("\r\n\r\n", StringComparison.Ordinal);
                if (read == 0 || (head >= 0 && (answer.EndsWith("0\r\n\r\n", StringComparison.Ordinal) || answer.Length - head - 4 == LengthIn(answer[..head]))))
                    return answer;
            }
        }

        private static int LengthIn(string head)
        {
            const string Name = "\r\nContent-Length: ";
            var start = head.IndexOf(Name, StringComparison.OrdinalIgnoreCase);
            return start < 0 ? -1 : int.Parse(head[(start + Name.Length)..].Split('\r')[0], CultureInfo.InvariantCulture);
        }
    }
}
