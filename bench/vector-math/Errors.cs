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
        foreach (var subject in Subjects.All) Row(subject.Name, () => Worst.Of(subject, count, 2));
        foreach (var subject in Subjects.Special) Row(subject.Name, () => Worst.Of(subject, count, 2));
        foreach (var subject in Subjects.WithRoots) Row(subject.Name + ", absolute near roots", () => Worst.AbsoluteNearRoots(subject, count, 2));
        foreach (var subject in Subjects.Pairs) Row(subject.Name, () => Worst.Of(subject, count, 2));

        void Row(string name, Func<Worst> measure)
        {
            if (!name.Contains(wanted, StringComparison.Ordinal)) return;
            var watch = Stopwatch.StartNew();
            var worst = measure();
            Console.WriteLine(FormattableString.Invariant($"| {name} | {worst.Ulp:F2} | {worst.At} | {worst.Points} | {watch.Elapsed.TotalSeconds:F1} |"));
        }
    }
}
