# Rscript glmnet.R DATA OUT LOSS L1RATIO THRESH LAMBDA…: processor seconds of glmnet along the lambdas; a single one is reached by a
# path of 20, as its manual advises.
suppressMessages({ library(glmnet); library(Matrix) })
a <- commandArgs(TRUE)
at <- function(name) file.path(a[1], name)
shape <- readBin(at("shape.bin"), "integer", 2)
n <- shape[1]; p <- shape[2]
y <- readBin(at("y.bin"), "double", n)
if (file.exists(at("starts.bin"))) {
  starts <- readBin(at("starts.bin"), "integer", p + 1)
  k <- starts[p + 1]
  x <- new("dgCMatrix", i = readBin(at("rows.bin"), "integer", k), p = starts, x = readBin(at("values.bin"), "double", k), Dim = c(n, p))
} else {
  x <- matrix(readBin(at("x.bin"), "double", n * p), n, p)
}
lambdas <- as.numeric(a[6:length(a)])
ratio <- as.numeric(a[4])
family <- if (a[3] == "ls") "gaussian" else "binomial"
if (family == "binomial") y <- factor(y)
way <- lambdas
if (length(lambdas) == 1) {
  top <- if (family == "gaussian") max(abs(as.vector(crossprod(x, y)))) / n else max(abs(as.vector(crossprod(x, as.numeric(as.character(y)))))) / (2 * n)
  way <- exp(seq(log(top / ratio), log(lambdas), length = 20))
}
before <- proc.time()
fit <- glmnet(x, y, family = family, alpha = ratio, lambda = way, intercept = FALSE, standardize = FALSE, thresh = as.numeric(a[5]), maxit = 1e8)
spent <- proc.time() - before
b <- as.matrix(fit$beta)
if (ncol(b) < length(way)) b <- cbind(b, b[, rep(ncol(b), length(way) - ncol(b))])
b <- b[, (length(way) - length(lambdas) + 1):length(way), drop = FALSE]
writeBin(as.vector(b), a[2])
cat("seconds", spent[1] + spent[2], "\n")
