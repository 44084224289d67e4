using System.Globalization;

namespace Optc.Bench.Evaluation;

/// <summary>Bytes of this process.</summary>
internal static class Memory
{
    /// <summary>What the heap holds after a collection.</summary>
    public static long Heap() => GC.GetTotalMemory(forceFullCollection: true);

    /// <summary>A line of /proc/self/status in bytes, such as VmHWM, the most that was resident; 0 on other systems.</summary>
    public static long Status(string name)
    {
        const string path = "/proc/self/status";
        if (!File.Exists(path)) return 0;
        string? line = File.ReadLines(path).FirstOrDefault(l => l.StartsWith(name + ":", StringComparison.Ordinal));
        return line is null ? 0 : 1024 * long.Parse(line.Split(' ', '\t').First(w => w.Length > 0 && char.IsDigit(w[0])), CultureInfo.InvariantCulture);
    }
}
