using System.Runtime.InteropServices;
using System.Text;

namespace Optc.Cli;

/// <summary>The program on a console: signals, streams, and a stack deep enough for deeply nested models.</summary>
public static class ConsoleEntry
{
    /// <summary>Reserved, not committed: only what is used costs memory.</summary>
    private const int StackBytes = 256 << 20;

    /// <summary>Runs the command line on the console and returns the exit code.</summary>
    public static int Run(string[] args)
    {
        using var interrupt = new CancellationTokenSource();
        using PosixSignalRegistration onInterrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => Cancel(context, interrupt));
        using PosixSignalRegistration onTerminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => Cancel(context, interrupt));
        using PosixSignalRegistration onHangUp = PosixSignalRegistration.Create(PosixSignal.SIGHUP, context => Cancel(context, interrupt));
        int code = ExitCodes.Failure;
        var thread = new Thread(() => code = RunOnStreams(args, interrupt.Token), StackBytes);
        thread.Start();
        thread.Join();
        return code;
    }

    /// <summary>The first signal stops the solve, which then prints its best point; the second one ends the process.</summary>
    private static void Cancel(PosixSignalContext context, CancellationTokenSource interrupt)
    {
        if (interrupt.IsCancellationRequested) return;
        context.Cancel = true;
        interrupt.Cancel();
    }

    private static int RunOnStreams(string[] args, CancellationToken cancellation)
    {
        var encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        var output = new StreamWriter(Console.OpenStandardOutput(), encoding, 1 << 14);
        var error = new StreamWriter(Console.OpenStandardError(), encoding, 1 << 10) { AutoFlush = true };
        try
        {
            int code = OptcProgram.Run(args, new CommandContext(output, error, !Console.IsErrorRedirected, cancellation));
            output.Flush();
            return code;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A full disk or a closed stream. A pipe whose reader has gone (optc … | head) is none: the console's stream then swallows what comes.
            error.WriteLine($"optc: the answer cannot be written: {e.Message}");
            return ExitCodes.ModelWrong;
        }
    }
}
