// Solves a .nl file with Ipopt, derivatives from AMPL's solver library, several times in one process.
//
// usage: ipopt model.nl point.bin REPEATS BUDGET [option=value …]
//
// Prints one JSON object; seconds are processor time. Solves at most REPEATS times, no more once BUDGET seconds are spent, and only once when the first solve
// takes longer than ten times that. Writes to point.bin, as doubles: n, m, x (n), y (m), z (n), in the convention of
// docs/conventions.md: a minimisation (a maximised objective is negated), ∇f − Jᵀy − z = 0, that is y = −λ, z = z_L − z_U of Ipopt.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <ctime>
#include <vector>
#include <coin/IpIpoptApplication.hpp>
#include <coin/IpSolveStatistics.hpp>
#include <coin/IpTNLP.hpp>
extern "C" {
#include "asl_pfgh.h"
}
#undef filename
#undef printf
#undef fprintf
#undef fopen
#undef fclose
#undef fwrite
#undef strtod
using namespace Ipopt;

namespace {

double WallSeconds()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

// Processor time of the whole process: other programs on the machine do not disturb it.
double Seconds()
{
    timespec now;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

struct Counts {
    long objective = 0, gradient = 0, constraints = 0, jacobian = 0, hessian = 0;
};

class NlProblem : public TNLP {
public:
    explicit NlProblem(ASL *library) : asl(library), sense_(n_obj > 0 && objtype[0] ? -1.0 : 1.0), body_(n_con + 1), weights_(n_obj + 1)
    {
        // Upper triangle by columns, of the objective's and all constraints' Hessians together.
        hessianCount_ = sphsetup(-1, n_obj > 0, n_con > 0, 1);
    }

    Counts counts;
    double objective = NAN;
    std::vector<double> x, y, z;

    bool get_nlp_info(Index &n, Index &m, Index &jacobianCount, Index &hessianCount, IndexStyleEnum &style) override
    {
        n = n_var;
        m = n_con;
        jacobianCount = nzc;
        hessianCount = hessianCount_;
        style = C_STYLE;
        return true;
    }

    bool get_bounds_info(Index n, Number *xl, Number *xu, Index m, Number *cl, Number *cu) override
    {
        for (Index j = 0; j < n; j++) xl[j] = LUv[2 * j], xu[j] = LUv[2 * j + 1];
        for (Index i = 0; i < m; i++) cl[i] = LUrhs[2 * i], cu[i] = LUrhs[2 * i + 1];
        return true;
    }

    bool get_starting_point(Index n, bool wantX, Number *start, bool, Number *, Number *, Index, bool, Number *) override
    {
        if (wantX) {
            for (Index j = 0; j < n; j++) start[j] = havex0[j] ? X0[j] : 0.0;
        }
        return true;
    }

    bool eval_f(Index, const Number *point, bool isNew, Number &value) override
    {
        counts.objective++;
        Move(point, isNew);
        return Objective(point, value);
    }

    bool eval_grad_f(Index n, const Number *point, bool isNew, Number *gradient) override
    {
        counts.gradient++;
        Move(point, isNew);
        std::fill(gradient, gradient + n, 0.0);
        if (n_obj == 0) return true;
        fint error = 0;
        objgrd(0, const_cast<real *>(point), gradient, &error);
        if (sense_ < 0.0) std::transform(gradient, gradient + n, gradient, [](double g) { return -g; });
        return error == 0;
    }

    bool eval_g(Index, const Number *point, bool isNew, Index, Number *values) override
    {
        counts.constraints++;
        Move(point, isNew);
        return Constraints(point, values);
    }

    bool eval_jac_g(Index, const Number *point, bool isNew, Index m, Index, Index *rows, Index *columns, Number *values) override
    {
        if (values == nullptr) {
            for (Index i = 0; i < m; i++) {
                for (cgrad *entry = Cgrad[i]; entry; entry = entry->next) rows[entry->goff] = i, columns[entry->goff] = entry->varno;
            }
            return true;
        }
        counts.jacobian++;
        Move(point, isNew);
        fint error = 0;
        jacval(const_cast<real *>(point), values, &error);
        return error == 0;
    }

    bool eval_h(Index n, const Number *point, bool isNew, Number weight, Index, const Number *lambda, bool, Index, Index *rows, Index *columns, Number *values) override
    {
        if (values == nullptr) {
            for (Index column = 0, at = 0; column < n; column++) {
                for (fint e = sputinfo->hcolstarts[column]; e < sputinfo->hcolstarts[column + 1]; e++) rows[at] = column, columns[at++] = sputinfo->hrownos[e];
            }
            return true;
        }
        counts.hessian++;
        Move(point, isNew);
        // The library takes partial derivatives from the last values of functions: there must be some at this point.
        Number ignored;
        if (!hasObjective_ && !Objective(point, ignored)) return false;
        if (!hasConstraints_ && !Constraints(point, body_.data())) return false;
        weights_[0] = sense_ * weight;
        sphes(values, -1, n_obj > 0 ? weights_.data() : nullptr, n_con > 0 ? const_cast<real *>(lambda) : nullptr);
        return true;
    }

    void finalize_solution(SolverReturn, Index n, const Number *point, const Number *zl, const Number *zu, Index m, const Number *, const Number *lambda, Number f,
                           const IpoptData *, IpoptCalculatedQuantities *) override
    {
        objective = sense_ * f;
        x.assign(point, point + n);
        y.resize(m);
        z.resize(n);
        for (Index i = 0; i < m; i++) y[i] = -lambda[i];
        for (Index j = 0; j < n; j++) z[j] = zl[j] - zu[j];
    }

private:
    void Move(const Number *point, bool isNew)
    {
        if (!isNew) return;
        xunknown();
        xknowne(const_cast<real *>(point), nullptr);
        hasObjective_ = hasConstraints_ = false;
    }

    bool Objective(const Number *point, Number &value)
    {
        fint error = 0;
        value = n_obj > 0 ? sense_ * objval(0, const_cast<real *>(point), &error) : 0.0;
        hasObjective_ = error == 0;
        return hasObjective_;
    }

    bool Constraints(const Number *point, Number *values)
    {
        fint error = 0;
        if (n_con > 0) conval(const_cast<real *>(point), values, &error);
        hasConstraints_ = error == 0;
        return hasConstraints_;
    }

    ASL *asl;
    double sense_;
    fint hessianCount_;
    bool hasObjective_ = false, hasConstraints_ = false;
    std::vector<double> body_, weights_;
};

const char *Name(ApplicationReturnStatus status)
{
    switch (status) {
    case Solve_Succeeded: return "Solved";
    case Solved_To_Acceptable_Level: return "SolvedToAcceptable";
    case Infeasible_Problem_Detected: return "Infeasible";
    case Search_Direction_Becomes_Too_Small: return "SearchDirectionTooSmall";
    case Diverging_Iterates: return "Unbounded";
    case Maximum_Iterations_Exceeded: return "IterationLimit";
    case Maximum_CpuTime_Exceeded: return "TimeLimit";
    case Restoration_Failed: return "RestorationFailed";
    case Error_In_Step_Computation: return "ErrorInStep";
    case Not_Enough_Degrees_Of_Freedom: return "TooFewDegreesOfFreedom";
    case Invalid_Number_Detected: return "EvaluationError";
    case Feasible_Point_Found: return "FeasiblePointFound";
    case Insufficient_Memory: return "OutOfMemory";
    default: return "Failed";
    }
}

bool SetOption(OptionsList &options, const std::string &text)
{
    size_t equals = text.find('=');
    if (equals == std::string::npos) return false;
    std::string name = text.substr(0, equals), value = text.substr(equals + 1);
    char *end;
    double number = std::strtod(value.c_str(), &end);
    if (*end != 0) return options.SetStringValue(name, value);
    return options.SetNumericValue(name, number) || options.SetIntegerValue(name, (Index)number);
}

bool WritePoint(const char *path, const NlProblem &problem)
{
    FILE *file = std::fopen(path, "wb");
    if (!file) return false;
    double sizes[2] = {(double)problem.x.size(), (double)problem.y.size()};
    bool isWhole = std::fwrite(sizes, sizeof(double), 2, file) == 2;
    for (const std::vector<double> *part : {&problem.x, &problem.y, &problem.z}) {
        isWhole = std::fwrite(part->data(), sizeof(double), part->size(), file) == part->size() && isWhole;
    }
    return std::fclose(file) == 0 && isWhole;
}

}  // namespace

int main(int argc, char **argv)
{
    if (argc < 5) {
        std::fprintf(stderr, "usage: ipopt model.nl point.bin REPEATS BUDGET [option=value …]\n");
        return 2;
    }
    int repeats = std::atoi(argv[3]);
    double budget = std::atof(argv[4]), began = Seconds();
    ASL *asl = ASL_alloc(ASL_read_pfgh);
    return_nofile = 1;
    FILE *nl = jac0dim(argv[1], (fint)std::strlen(argv[1]));
    if (!nl) {
        std::fprintf(stderr, "cannot read %s\n", argv[1]);
        return 1;
    }
    X0 = (real *)Malloc(n_var * sizeof(real));
    havex0 = (char *)Malloc(n_var);
    if (pfgh_read(nl, ASL_return_read_err | ASL_findgroups)) {
        std::fprintf(stderr, "%s is not a readable .nl file\n", argv[1]);
        return 1;
    }
    SmartPtr<NlProblem> problem = new NlProblem(asl);
    double readSeconds = Seconds() - began;

    std::vector<double> taken;
    double spent = 0.0, wall = NAN;
    ApplicationReturnStatus status = Internal_Error;
    Index iterations = -1;
    for (int k = 0; k < repeats && (k == 0 || spent < budget || (k == 1 && spent < 10 * budget)); k++) {
        problem->counts = Counts();
        SmartPtr<IpoptApplication> application = new IpoptApplication(false);
        SetOption(*application->Options(), "print_level=0");
        SetOption(*application->Options(), "sb=yes");
        for (int i = 5; i < argc; i++) {
            if (SetOption(*application->Options(), argv[i])) continue;
            std::fprintf(stderr, "Ipopt has no option '%s'\n", argv[i]);
            return 2;
        }
        // No options file: what is measured is what stands on the command line.
        if (application->Initialize("") != Solve_Succeeded) return 1;
        double start = Seconds(), wallStart = WallSeconds();
        status = application->OptimizeTNLP(GetRawPtr(problem));
        taken.push_back(Seconds() - start);
        spent += taken.back();
        if (k == 0) wall = WallSeconds() - wallStart;
        if (IsValid(application->Statistics())) iterations = application->Statistics()->IterationCount();
    }
    double first = taken[0];
    if (taken.size() > 1) taken.erase(taken.begin());
    std::sort(taken.begin(), taken.end());
    double median = 0.5 * (taken[(taken.size() - 1) / 2] + taken[taken.size() / 2]);

    if (!problem->x.empty() && !WritePoint(argv[2], *problem)) {
        std::fprintf(stderr, "cannot write %s\n", argv[2]);
        return 1;
    }
    const Counts &counts = problem->counts;
    std::printf("{\"status\":\"%s\",\"iterations\":%d,\"evaluations\":{\"objective\":%ld,\"gradient\":%ld,\"constraints\":%ld,\"jacobian\":%ld,\"hessian\":%ld},"
                "\"variables\":%d,\"constraints\":%d,\"readSeconds\":%.6f,\"firstSeconds\":%.7f,\"firstWall\":%.7f,\"seconds\":%.7f,\"runs\":%d,\"spent\":%.6f}\n",
                Name(status), (int)iterations, counts.objective, counts.gradient, counts.constraints, counts.jacobian, counts.hessian,
                n_var, n_con, readSeconds, first, wall, median, (int)taken.size(), spent);
    return 0;
}
