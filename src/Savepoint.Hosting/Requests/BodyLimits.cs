using System.Diagnostics.CodeAnalysis;
using Microsoft.AspNetCore.Http.Features;
using Savepoint.Hosting.Problems;

namespace Savepoint.Hosting.Requests;

/// <summary>
/// Refuses bodies that are too large so that the client gets to know. The web server by itself answers, and cuts the connection off while the client still sends: most clients then see
/// a broken connection and no answer. So the limits are watched here, and the web server, which knows of none, reads on what still comes, for 5 seconds, and throws it away.
/// </summary>
public static class BodyLimits
{
    /// <summary>Goes behind routing, which says how much an endpoint takes, and before whatever reads a body.</summary>
    public static IApplicationBuilder UseBodyLimits(this IApplicationBuilder app) => app.Use(static (context, next) =>
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false, MaxRequestBodySize: { } most } limit)
            return next(context);
        if (context.Request.ContentLength is { } length)
            return length <= most ? next(context) : throw Refused(limit);
        if (context.Features.Get<IHttpRequestBodyDetectionFeature>()?.CanHaveBody != true || context.Features.Get<IHttpExtendedConnectFeature>()?.IsExtendedConnect == true)
            return next(context);

        // How long it is only turns out while it is read.
        var body = new LimitedBody(context.Request.Body, most);
        limit.MaxRequestBodySize = null;
        context.Features.Set<IHttpMaxRequestBodySizeFeature>(body);
        context.Request.Body = body;
        return next(context);
    });

    /// <summary>Whether more has come of a body than the endpoint takes.</summary>
    public static bool IsExceeded(HttpContext context) => context.Features.Get<IHttpMaxRequestBodySizeFeature>() is LimitedBody { IsExceeded: true };

    /// <summary>Sets how large the body of one request may be, where its endpoint takes larger ones. Nothing of it may have been read.</summary>
    /// <exception cref="ProblemException">It says itself that it is larger.</exception>
    internal static void Lower(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false } limit || limit.MaxRequestBodySize <= bytes)
            return;
        if (context.Request.ContentLength > bytes)
            throw Refused(limit);
        limit.MaxRequestBodySize = bytes;
    }

    private static ProblemException Refused(IHttpMaxRequestBodySizeFeature limit)
    {
        limit.MaxRequestBodySize = null;
        return TooLarge();
    }

    private static ProblemException TooLarge() => new(ProblemCodes.BodyTooLarge, "The body is larger than this address takes.");

    /// <summary>A body of which no more than the limit is read.</summary>
    private sealed class LimitedBody(Stream inner, long most) : Stream, IHttpMaxRequestBodySizeFeature
    {
        private long _read;

        public bool IsExceeded { get; private set; }

        public bool IsReadOnly => _read > 0;

        public long? MaxRequestBodySize { get; set; } = most;

        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => Count(await inner.ReadAsync(buffer, cancellationToken));

        [SuppressMessage("Reliability", "CA1835", Justification = "It leads to the other one.")]
        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
            ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => Count(inner.Read(buffer, offset, count));

        public override void Flush()
        {
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        private int Count(int read)
        {
            _read += read;
            if (_read <= (MaxRequestBodySize ?? long.MaxValue))
                return read;
            IsExceeded = true;
            throw TooLarge();
        }
    }
}
