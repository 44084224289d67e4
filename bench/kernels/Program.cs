// Micro-benchmarks of the evaluation core: dotnet run -c Release --project bench/kernels -- --filter '*' [--job short]
// Kernels are compiled in the process that measures them, so that nothing else has to be built.
using BenchmarkDotNet.Running;

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(["--inProcess", .. args]);
