using System.Runtime.InteropServices;

namespace Optc.Bench.Nlp;

/// <summary>Processor time of this process in nanoseconds' resolution; that of <see cref="System.Diagnostics.Process"/> is too coarse.</summary>
internal static partial class ProcessorTime
{
    private const int ProcessClock = 2;

    /// <summary>Seconds of all threads so far.</summary>
    public static double Seconds()
    {
        if (GetTime(ProcessClock, out TimeSpecification now) != 0) throw new PlatformNotSupportedException("there is no clock of the process");
        return now.Seconds + 1e-9 * now.Nanoseconds;
    }

    [LibraryImport("libc", EntryPoint = "clock_gettime")]
    private static partial int GetTime(int clock, out TimeSpecification time);

    private struct TimeSpecification
    {
        public long Seconds;
        public long Nanoseconds;
    }
}
