#pragma warning disable RS0030 // Starts real processes.

using System.Diagnostics;
using System.Text;

namespace Savepoint.Testing;

/// <summary>What a process has printed so far.</summary>
internal sealed class ProcessOutput
{
    private const int Most = 1 << 20;

    private readonly StringBuilder _text = new();

    public string Text
    {
        get
        {
            lock (_text)
                return _text.ToString();
        }
    }

    public static (Process Process, ProcessOutput Output) Start(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError, start.UseShellExecute) = (true, true, false);
        var output = new ProcessOutput();
        var process = Process.Start(start)!;
        process.OutputDataReceived += (_, line) => output.Keep(line.Data);
        process.ErrorDataReceived += (_, line) => output.Keep(line.Data);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return (process, output);
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it printed.</returns>
    /// <exception cref="InvalidOperationException">It failed; the message has what it printed.</exception>
    public static async Task<string> RunAsync(ProcessStartInfo start, CancellationToken cancellationToken)
    {
        var (process, output) = Start(start);
        using (process)
        {
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode == 0
                ? output.Text
                : throw new InvalidOperationException($"{System.IO.Path.GetFileName(start.FileName)} ended with {process.ExitCode}: {output.Text}");
        }
    }

    private void Keep(string? line)
    {
        lock (_text)
        {
            if (line is not null && _text.Length < Most)
                _text.AppendLine(line);
        }
    }
}
