using System.Globalization;

namespace Optc.Runtime.Templates;

/// <summary>
/// Threads that share the places of a job. A place is computed by one thread, in the same way whichever it is, so that the
/// number of threads changes no bit. The threads are started when first needed, wait in between, and serve one evaluation at
/// a time: whoever finds them busy works alone. Nothing is allocated once their blocks have grown.
/// </summary>
public static unsafe class EvaluationThreads
{
    /// <summary>The environment variable that sets the number of threads.</summary>
    public const string Variable = "OPTC_THREADS";

    private static readonly Lock Busy = new();
    private static Worker[] workers = [];

    /// <summary>Threads that work on an evaluation, the caller's included: as many as processors, or as
    /// <c>OPTC_THREADS</c> says. May be set at any time.</summary>
    public static int Count { get; set; } = Choose(Environment.GetEnvironmentVariable(Variable));

    /// <summary>Instructions times places from which waking a thread pays: some 20 µs against about 0.25 ns each
    /// (docs/evaluation.md). Tests set it lower.</summary>
    internal static long LeastWork { get; set; } = 600_000;

    internal static int Choose(string? given) =>
        string.IsNullOrEmpty(given) ? Environment.ProcessorCount
        : int.TryParse(given, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count is >= 1 and <= 1024 ? count
        : throw new InvalidOperationException($"{Variable} is \"{given}\"; it must be a number of threads from 1 to 1024, or unset for one a processor.");

    /// <summary>Runs code for the places [start, end), a multiple of 8, in parts; false if that does not pay or the threads
    /// are busy.</summary>
    internal static bool TryRun(KernelCode code, KernelFrame frame, int start, int end, double* block)
    {
        var parts = (int)Math.Min(Count, (end - start) * (long)code.Cost / LeastWork);
        if (parts < 2 || !Busy.TryEnter())
            return false;
        try
        {
            while (workers.Length < parts - 1)
                workers = [.. workers, new Worker()];
            var length = ((end - start) / parts) & ~7;
            for (var w = 0; w < parts - 1; w++)
                workers[w].Begin(code, frame, start + ((w + 1) * length), w == parts - 2 ? end : start + ((w + 2) * length));
            Run(code, frame, start, start + length, block);
            for (var w = 0; w < parts - 1; w++)
                workers[w].Wait();
            return true;
        }
        finally
        {
            Busy.Exit();
        }
    }

    /// <summary>Runs code for the places [start, end) on this thread.</summary>
    internal static void Run(KernelCode code, KernelFrame frame, int start, int end, double* block)
    {
        for (var first = start; first < end; first += code.BlockSize)
            code.Run(frame, first, Math.Min(code.BlockSize, end - first), (long)block);
    }

    private sealed class Worker
    {
        private readonly AutoResetEvent _begin = new(false);
        private readonly AutoResetEvent _end = new(false);
        private readonly AlignedBlock _block = new();
        private KernelCode? _code;
        private KernelFrame? _frame;
        private (int Start, int End) _places;

        public Worker() => new Thread(Work) { IsBackground = true, Name = "Optc evaluation" }.Start();

        public void Begin(KernelCode code, KernelFrame frame, int start, int end)
        {
            (_code, _frame, _places) = (code, frame, (start, end));
            _begin.Set();
        }

        public void Wait()
        {
            _end.WaitOne();
            // A model that is no longer used must not be kept alive from here.
            (_code, _frame) = (null, null);
        }

        private void Work()
        {
            while (true)
            {
                _begin.WaitOne();
                Run(_code!, _frame!, _places.Start, _places.End, _block.For(_code!));
                _end.Set();
            }
        }
    }
}
