using Optc.Runtime.Solvers.Asynchronous;

namespace Optc.Bench.Asynchronous;

/// <summary>Real threads: speed-up, and a block that is late.</summary>
internal static class Threads
{
    public static void Report()
    {
        Console.WriteLine("\n## Threads\n\n8000 records, 800 features in 8 blocks, correlation 0.5, until the solver says that it is solved to 1e-3, wall seconds.\n");
        Console.WriteLine("| run | 1 thread | 2 threads | largest delay, updates |\n|---|---:|---:|---:|");
        var wide = new Classification(8000, 800, 0.5, 0.1, 2);
        var options = new AsynchronousOptions { Asynchronous = true, Tolerance = 1e-3 };
        List<double> one = [], two = [];
        for (int run = 1; run <= 5; run++)
        {
            AsynchronousResult alone = wide.Solve(options, 1), both = wide.Solve(options, 2);
            one.Add(alone.Time);
            two.Add(both.Time);
            Console.WriteLine($"| {run} | {alone.Time:0.00} ({alone.Updates} updates) | {both.Time:0.00} ({both.Updates} updates) | {both.Blocks.Max(b => b.LargestDelay)} |");
        }
        Console.WriteLine($"\nRatio of the shortest {one.Min() / two.Min():0.00}.\n");
        Console.WriteLine("One block sleeps 29 times as long as its updates take; 2 threads, until solved to 1e-3.\n");
        Console.WriteLine("| way | wall s | updates | of the late block | largest delay, updates |\n|---|---:|---:|---:|---:|");
        var late = new Dictionary<int, double> { [0] = 30.0 };
        foreach (bool isAsynchronous in new[] { false, true })
        {
            AsynchronousResult answer = wide.Solve(options with { Asynchronous = isAsynchronous, Delays = late }, 2);
            Console.WriteLine($"| {(isAsynchronous ? "asynchronous" : "synchronous")} | {answer.Time:0.00} ({answer.Result.Status}) | {answer.Updates} | {answer.Blocks[0].Solves} | {answer.Blocks.Max(b => b.LargestDelay)} |");
        }
    }
}
