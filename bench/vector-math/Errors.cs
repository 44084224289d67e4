using System.Diagnostics;
using Optc.Runtime.Native.Tests;

namespace Optc.Bench.VectorMath;

/// <summary>The largest errors against the tests' reference.</summary>
internal static class Errors
{
    public static void Print(int count, string wanted)
    {
        Console.WriteLine("| function | largest error, ulp | at | points | seconds |");
        Console.WriteLine("|---|---:|---:|---:|---:|");
        foreach (var subject in Subjects.All.Where(s => s.Name.Contains(wanted, StringComparison.Ordinal)))
        {
            int points = 0;
            var counted = subject with
            {
                Exact = x =>
                {
                    points++;
                    return subject.Exact(x);
                },
            };
            var watch = Stopwatch.StartNew();
            var worst = Worst.Of(counted, count, 2);
            Console.WriteLine(FormattableString.Invariant($"| {subject.Name} | {worst.Ulp:F2} | {worst.At:R} | {points} | {watch.Elapsed.TotalSeconds:F1} |"));
        }
    }
}
