"""Questions in the words of many: each line of the table is a question and its canonical line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.catalog.reading import Reader
from core.catalog.word_index import forms
from core.search.answering import answer
from core.search.reading import read_question
from tests.core.search.made import Made, WordEmbedder, facts, make_catalogue

WORDINGS = [
    ("wasserstein loss", "architecture:WGAN OR loss:*wasserstein*"),
    # words of a description that elsewhere are commands, names of files, refusals, and what runs left behind
    ("AG News GANs", 'datasets:"AG News" architecture:GAN'),
    ("Adam or not SGD", "optimizer:Adam -optimizer:SGD"),
    ("is a sentence grammatical or not", 'text:"sentence grammatical or not"'),
    ("class names contain spaces", 'text:"class names contain spaces"'),
    ("name matching with VAEs", 'architecture:VAE text:"name matching"'),
    ("build a GAN from scratch", "architecture:GAN"),
    ("DQNs with linearly decaying epsilon", 'architecture:DQN text:"linearly decaying epsilon"'),
    ("tell a story with pictures", 'text:"tell a story with pictures"'),
    ("64x64 convolutional GAN", "image_size:64 architecture:CNN architecture:GAN"),
    ("VAE free bits", 'architecture:VAE text:"free bits"'),
    ("a loss known from physics", 'text:"loss known from physics"'),
    ("not trained in two days", '-text:"two days"'),
    ("not Keras and vectorized", "-framework:Keras text:vectorized"),
    ("how large is the replay buffer", 'text:"large is the replay buffer"'),
    ("train one layer after another", 'text:"train one layer after another"'),
    ("a time limit 200", 'text:"time limit 200"'),
    ("sequences limit 512", 'text:"sequences limit 512"'),
    ("step or cosine schedule", "scheduler:StepLR,CosineAnnealingLR"),
    # lists of values in code, spans of months, and names joined by "or"
    ("bs=64;lr=2e-4", "batch_size:64 learning_rate:0.0002"),
    ("optimizer:adam;lr:0.0002", "optimizer:Adam learning_rate:0.0002"),
    ("march-june 2024", "created:2024-03-01..2024-06-30"),
    ("2024-05 to 2024-09", "created:2024-05-01..2024-09-30"),
    ("mse or mae", "loss:mse_loss,l1_loss"),
    ("LSTMs trained with MAE", "architecture:LSTM loss:l1_loss"),
    ("MAE pretraining", '"masked autoencoder" OR "mae pretrain" OR "mask ratio" OR "simmim" OR "mim"'),
    ("junk mail", '"spam"'),
    (
        "group norm or batch norm",
        '"batch norm" OR "batchnorm" OR "batch normalization" OR "batch normalisation" OR "group norm"',
    ),
    ("accuracy between 0.8 and 0.9", "metrics.accuracy:0.8..0.9"),
    ("I'd like to compare all the GANs with each other", "architecture:GAN intent:compare"),
    ("models whose lr is unknown but whose batch size is known", "missing:learning_rate has:batch_size"),
    ("how big is the VAE", "architecture:VAE intent:details"),
    # names that are refused or only named, sizes of other things, and what is known
    ("MNIST free GANs", "-datasets:MNIST architecture:GAN"),
    ("GANs except DCGAN, WGAN and LSGAN", "architecture:GAN -architecture:DCGAN -architecture:WGAN -text:LSGAN"),
    ("dropout none", "-has:dropout"),
    ("dataset: none", "-has:datasets"),
    ("models for which no dataset is known", "-has:datasets"),
    ("GANs with a known learning rate", "architecture:GAN has:learning_rate"),
    ("kernel size 4", 'text:"kernel size 4"'),
    ("3x3 convolutions", "architecture:CNN text:3x3"),
    ("a cosine or step schedule", "scheduler:CosineAnnealingLR,StepLR"),
    ("which environments are there", "intent:details"),
    # paths and names as a shell writes them
    ("models/*gan/*.py", "path:*models/*gan/*.py"),
    ("*.ipynb", "path:*.ipynb"),
    ("file:ppo.py", "path:ppo.py"),
    ("ls models/", "text:models/"),
    ("python train.py --lr 1e-4", "path:/train.py learning_rate:0.0001"),
    ("name contains gan", "id:*gan*"),
    ("scripts called train", "id:*train*"),
    ("lr=3e-4,gamma=0.99", "learning_rate:0.0003 settings.gamma:0.99"),
    # a year that no model is of is no date
    ("2025", "created:2025"),
    ("SQuAD 2016", "datasets:SQuAD text:2016"),
    ("first commit 2025", "created:2025"),
    # Greek letters, signs of code, hedges, and a number behind its superlative
    ("γ=0.99 and batch ∈ [32, 64]", "settings.gamma:0.99 batch_size:32..64"),
    ("gan && !mnist", "architecture:GAN -datasets:MNIST"),
    ("cuda:0", "hardware:cuda"),
    ("DCGAN(s)", "architecture:DCGAN"),
    ("GANs (conditional or not)", "architecture:GAN"),
    ("all but two GANs", "architecture:GAN"),
    ("all but the two largest GANs", "architecture:GAN sort:-parameters rank:3.."),
    ("smallest three batch sizes", "sort:batch_size limit:3"),
    ("order by epochs desc limit 3", "sort:-epochs limit:3"),
    ("sort GANs by date, newest first", "architecture:GAN sort:-created"),
    ("highest lr that is used with Adam", "optimizer:Adam sort:-learning_rate rank:1"),
    ("which lr is most common", "intent:details"),
    ("how many different optimizers are used?", "intent:details"),
    ("at lest 50 epochs", "epochs>=50"),
    ("perhaps a VAE, pls", "architecture:VAE"),
    ("from scratch", 'text:"from scratch"'),
    (
        "critic steps 5",
        "settings.n_critic:5 OR settings.critic_iters:5 OR settings.n_critic_steps:5 OR settings.num_critic:5",
    ),
    ("are there more Keras or PyTorch models?", "framework:Keras VERSUS framework:PyTorch"),
    ("explain the differences between the two VAEs", "architecture:VAE intent:compare"),
    # what only compares takes the number of the other side, and what is better than another is compared with it
    ("lr above 1e-3 versus below", "learning_rate>0.001 VERSUS learning_rate<0.001"),
    ("more than 10 epochs versus less", "epochs>10 VERSUS epochs<10"),
    ("is the GAN faster than the VAE?", "architecture:GAN VERSUS architecture:VAE"),
    ("do GANs work better than VAEs", "architecture:GAN VERSUS architecture:VAE"),
    ("is the batch size larger than 64?", "batch_size>64"),
    ("are there GANs newer than March 2025", "architecture:GAN created>2025-03"),
    # sizes, layers, and names of code
    ("files larger than 5 MB", "size>5000000"),
    ("notebooks over 1 MB on MNIST", "kind:notebook size>1000000 datasets:MNIST"),
    ("momentum SGD", "optimizer:SGD has:momentum"),
    ("does not forget old tasks", 'text:"not forget old tasks"'),
    ("models that do not use dropout", "-has:dropout"),
    # numbers in words, and what a feature that is off says
    ("no more than fifteen epochs", "epochs<=15"),
    ("a dozen epochs", "epochs:12"),
    ("top dozen models by epochs", "sort:-epochs limit:12"),
    ("a couple hundred epochs", "epochs:200"),
    ("more or less 100 epochs", "epochs:90..110"),
    ("the batch size is a power of two", f"batch_size:{','.join(str(2**n) for n in range(1, 14))}"),
    ("128 is the smallest batch size", "batch_size>=128"),
    ("lr 1e-3/1e-4", "learning_rate:0.001,0.0001"),
    ("dropout of 50 percent", "dropout:0.5"),
    ("lr of 1e-3 or so", "learning_rate:0.0009..0.0011"),
    ("batch size up to and including 32", "batch_size<=32"),
    ("from 10 up to and including 20 epochs", "epochs:10..20"),
    ("GANs with dropout turned off", "architecture:GAN -has:dropout"),
    ("dropout isn't turned off", "has:dropout"),
    ("dropout is not enabled", "-has:dropout"),
    ("turned off dropout", "-has:dropout"),
    ("GPU disabled", "-hardware:cuda,mps,xpu,accelerator"),
    ("GANs that don't mention SGD", "architecture:GAN -optimizer:SGD"),
    ("MNIST, dropout and a batch of 32", "datasets:MNIST has:dropout batch_size:32"),
    ("SGD at 0.9 momentum", "optimizer:SGD momentum:0.9"),
    ("uses model.fit", 'text:"uses model.fit"'),
    ("last but not least GANs", "architecture:GAN"),
    ("GAN or so on MNIST", "architecture:GAN datasets:MNIST"),
    ("autoencoders, variational ones included", "architecture:Autoencoder"),
    ("GANs including WGANs", "architecture:GAN,WGAN"),
    ("RNNs, LSTMs and GRUs included", "architecture:RNN,LSTM,GRU"),
    ("RNNs (LSTMs included)", "architecture:RNN,LSTM"),
    ("GANs that leave CelebA alone", "architecture:GAN -datasets:CelebA"),
    ("GANs steering clear of CelebA", "architecture:GAN -datasets:CelebA"),
    ("fewer than 64 examples in each batch", "batch_size<64"),
    ("batches that are powers of 2", f"batch_size:{','.join(str(2**n) for n in range(1, 14))}"),
    ("whose batch size is the largest", "sort:-batch_size rank:1"),
    ("the GAN whose learning rate was lowest", "architecture:GAN sort:learning_rate rank:1"),
    ("the VAE with the smallest number of steps", "architecture:VAE sort:steps rank:1"),
    ("sort the GANs by epochs and show me the highest one", "architecture:GAN sort:-epochs rank:1"),
    ("which run goes for the fewest epochs", "sort:epochs rank:1"),
    ("don't switch off dropout", "has:dropout"),
    ("adam 0.001 100 epochs", "optimizer:Adam learning_rate:0.001 epochs:100"),
    ("a million or more frames", "steps>=1000000"),
    ("epochs in the hundreds", "epochs:100..999"),
    ("GANs that run past 60k steps", "architecture:GAN steps>60000"),
    ("notebooks, not scripts, on MNIST", "kind:notebook datasets:MNIST"),
    ("sequences of many lengths in one batch", 'text:"sequences of many lengths in a batch"'),
    ("GANs or weirdnets", 'architecture:GAN OR "weirdnets"'),
    ("wasserstein gan gp", "architecture:WGAN-GP"),
    # features in a list, with nothing else said and beside what the texts tell
    ("either dropout or weight decay", "has:dropout OR has:weight_decay"),
    ("no gradient penalty or dropout", '-(architecture:WGAN-GP OR "gradient penalty" OR "lambda gp") -has:dropout'),
    ("DQN or PPO but not both", "architecture:DQN,PPO -(architecture:DQN architecture:PPO)"),
    ("batch sizes in the tens", "batch_size:10..99"),
    ("parameters in the millions", "parameters:1000000..9999999"),
    ("betas 0.5, 0.999", "betas:0.5 betas:0.999"),
    ("size over 2 MB", "size>2000000"),
    ("clip grad norm 0.25", "grad_clip:0.25"),
    ("precision fp16", 'precision:fp16 OR "float16"'),
    ("all scripts including notebooks", ""),
    # what is refused
    ("nothing that uses Adam", "-optimizer:Adam"),
    ("everything except Keras GANs", "-(framework:Keras architecture:GAN)"),
    ("all but the MNIST GANs", "-(datasets:MNIST architecture:GAN)"),
    ("everything except MNIST GANs and VAEs", "-(datasets:MNIST architecture:GAN) -architecture:VAE"),
    ("nothing without dropout", "has:dropout"),
    ("any but Adam", "-optimizer:Adam"),
    ("nothing else than Adam", "optimizer:Adam"),
    ("none but GANs", "architecture:GAN"),
    ("anything but a Keras GAN", "-(framework:Keras architecture:GAN)"),
    ("no dropout GANs", "-has:dropout architecture:GAN"),
    ("not (VAE or GAN)", "-architecture:VAE,GAN"),
    ("GANs except (WGAN or DCGAN)", "architecture:GAN -architecture:WGAN,DCGAN"),
    ("epochs not (more than 10)", "epochs<=10"),
    ("with Adam and a scheduler", "optimizer:Adam has:scheduler"),
    ("a scheduler but no weight decay", "has:scheduler -has:weight_decay"),
    # orders
    ("the very first GAN", "architecture:GAN sort:created limit:1"),
    ("GANs, newest first", "architecture:GAN sort:-created"),
    ("oldest first", "sort:created"),
    ("GANs ordered by epochs from high to low", "architecture:GAN sort:-epochs"),
    ("GANs by epochs, low to high", "architecture:GAN sort:epochs"),
    ("map the words from short to long", 'text:"map the words from short to long"'),
    ("GANs by epochs, descending", "architecture:GAN sort:-epochs"),
    ("bottom 3 by lr", "sort:learning_rate limit:3"),
    ("largest lr and smallest batch size", "sort:-learning_rate sort:batch_size rank:1"),
    ("the model with the most datasets", "sort:-count.datasets rank:1"),
    ("list all datasets", "intent:details"),
    ("most popular optimizer", "intent:details"),
    ("the most common optimizer among the GANs", "architecture:GAN intent:details"),
    ("order words from short to long", 'text:"order words from short to long"'),
    ("is PPO's lr lower than DQN's?", "architecture:PPO VERSUS architecture:DQN"),
    ("runs on a TPU", "hardware:tpu"),
    ("one network both classifies and generates", 'text:"network both classifies and generates"'),
    ("compare the GANs in lab with its VAEs", "(architecture:GAN root:lab) VERSUS (architecture:VAE root:lab)"),
    ("GANs not on MNIST CIFAR-10 or CelebA", "architecture:GAN -datasets:MNIST -datasets:CIFAR-10 -datasets:CelebA"),
    ("gradient clipping disabled", "-has:grad_clip"),
    ("unseeded runs", "-has:seed"),
    ("anywhere but MNIST", "-datasets:MNIST"),
    ("100-dim noise", "latent_dim:100"),
    ("layers with 512 neurons", "hidden_sizes:512"),
    ("64-sized batches", "batch_size:64"),
    ("rank the GANs by batch size", "architecture:GAN sort:batch_size"),
    ("rank documents by relevance", 'text:"rank documents by relevance"'),
    ("summarise the articles with a model", 'text:"summarise the articles with a"'),
    ("a BCE loss", "loss:binary_cross_entropy"),
    ("a BCELoss", "loss:BCELoss"),
    ("several hundred epochs", "epochs:200..999"),
    ("single-digit epochs", "epochs<10"),
    ("under 10k steps and over 1k", "steps<10000 steps>1000"),
    ("learning rate (0.0001 to 0.01)", "learning_rate:0.0001..0.01"),
    ("64 as the batch size", "batch_size:64"),
    ("batch size 32/64", "batch_size:32,64"),
    ("an lr above 1e-3 but not 0.01", "learning_rate>0.001 -learning_rate:0.01"),
    ("a fixed seed, but not 0", "has:seed -seed:0"),
    ("GAN+MNIST", "architecture:GAN datasets:MNIST"),
    ("nothing on MNIST", "-datasets:MNIST"),
    ("the autoencoders we've got", "architecture:Autoencoder"),
    ("adam, 1e-4", "optimizer:Adam learning_rate:0.0001"),
    ("the average learning rate of the VAEs", "architecture:VAE"),
    ("which scripts don't tell the number of epochs?", "missing:epochs"),
    ("scripts that do not set the number of epochs", "-has:epochs"),
    ("has no optimizer but has a learning rate", "-has:optimizer has:learning_rate"),
    ("no GPU needed", "-hardware:cuda,mps,xpu,accelerator"),
    ("z dimension of 100", "latent_dim:100"),
    # slips in the words that a question is built with; none in names, in quotes or in what is described
    ("GANs witout Adam", "architecture:GAN -optimizer:Adam"),
    ("scirpts exept those traind on MNIST", "-datasets:MNIST"),
    ("VAEs betwen 20 and 30 epohcs", "architecture:VAE epochs:20..30"),
    ("atleast 20 epochs", "epochs>=20"),
    ("more thn 20 epochs", "epochs>20"),
    ("the larget batch size", "sort:-batch_size rank:1"),
    ("comapre GANs and VAEs", "architecture:GAN VERSUS architecture:VAE"),
    ("recurent networks", "architecture:RNN"),
    ("GANs wiht dropout", "architecture:GAN has:dropout"),
    ("no mroe than 20 epochs", "epochs<=20"),
    ("nethier Adam nor SGD", "-optimizer:Adam -optimizer:SGD"),
    ('"witout Adam"', '"witout Adam"'),
    ("sharding of spans", 'text:"sharding of spans"'),
    ("masking of spans", 'text:"masking of spans"'),
    ("minimax games between learners", 'text:"minimax games between learners"'),
    ("cloze questions", 'text:"cloze questions"'),
    ("attention of Luong", "architecture:Attention text:Luong"),
    ("réseaux modèles", 'text:"réseaux modèles"'),
    # words that English forms of others misspell no name
    ("a multilayer network", 'text:"multilayer network"'),
    ("linearly separable points", 'text:"linearly separable points"'),
    ("patchwise inference", 'text:"patchwise inference"'),
    ("generate digits by reversing a noising process", 'text:"generate digits by reversing a noising process"'),
    # nor does a word of English that lacks a letter
    ("plots with squars", 'text:"plots with squars"'),
    # groups of models by families and by tasks are joined as those of one field are
    ("agents and GANs", 'task:"reinforcement learning" OR architecture:GAN'),
    ("GANs and agents with Adam", '(architecture:GAN OR task:"reinforcement learning") optimizer:Adam'),
    # a name of two words whose second is misspelt, or that is refused by its adjective
    ("batch siez 64", "batch_size:64"),
    ("gradient cliping", "has:grad_clip"),
    ("recurrent q-network", "architecture:RNN text:q-network"),
    ("GANs that are not conditional", 'architecture:GAN -architecture:"Conditional GAN","Conditional VAE"'),
    ("GANs or VAEs - which has the higher learning rate?", "architecture:GAN VERSUS architecture:VAE"),
    # names and features side by side
    ("GANs VAEs and CNNs", "architecture:GAN,VAE,CNN"),
    ("conditional GANs and VAEs", 'architecture:"Conditional GAN",VAE'),
    ("Keras PyTorch or JAX", "framework:Keras,PyTorch,JAX"),
    ("dropout, but no weight decay", "has:dropout -has:weight_decay"),
    ("dropout and no Adam", "has:dropout -optimizer:Adam"),
    ("no dropout but weight decay", "-has:dropout has:weight_decay"),
    # dates
    ("made before the end of 2024", "created<=2024"),
    ("after the start of 2024", "created>=2024"),
    ("made in 2023-2024", "created:2023-01-01..2024-12-31"),
    ("changed on 22/11/2024", "modified:2024-11-22"),
    ("after 2018 and before 2020", "created>2018 created<2020"),
    ("gan 2025", "architecture:GAN created:2025"),
    ("version 2.2020", 'text:"version 2.2020"'),
    ("predict sales of the last month", 'text:"predict sales of the last month"'),
    ("time of last minute goals", 'text:"time of last minute goals"'),
    ("over 10 years old people", 'text:"over 10 years old people"'),
    ("I don't know the optimizer, but it was a GAN", "architecture:GAN"),
    ("yes or no, do the GANs use dropout", "architecture:GAN has:dropout"),
    ("MNIST+CIFAR-10", "datasets:MNIST datasets:CIFAR-10"),
    ("a quarter of a million steps", "steps:250000"),
    # what is compared, described or shown
    ("how do GANs stack up against VAEs", "architecture:GAN VERSUS architecture:VAE"),
    ("GANs relative to VAEs", "architecture:GAN VERSUS architecture:VAE"),
    ("compare GANs VAEs and CNNs", "architecture:GAN VERSUS architecture:VAE VERSUS architecture:CNN"),
    ("on average, which train longer, GANs or VAEs?", "architecture:GAN VERSUS architecture:VAE"),
    ("which are in Keras and which in PyTorch?", "framework:Keras VERSUS framework:PyTorch"),
    (
        "unconditional vs conditional GANs",
        '(-architecture:"Conditional GAN","Conditional VAE" architecture:GAN -architecture:"Conditional GAN")'
        ' VERSUS architecture:"Conditional GAN"',
    ),
    ("batch size relative to learning rate", "has:learning_rate has:batch_size"),
    ("GANs or VAEs: how do their learning rates compare?", "architecture:GAN VERSUS architecture:VAE"),
    ("notebooks vs scripts", "kind:notebook VERSUS kind:script"),
    ("with and without dropout", "has:dropout VERSUS -has:dropout"),
    ("compare all the GANs", "architecture:GAN intent:compare"),
    ("compare the GAN notebooks", "architecture:GAN kind:notebook intent:compare"),
    ("compare two pictures", 'text:"compare two pictures"'),
    ("describe the VAE notebook", "architecture:VAE kind:notebook intent:details"),
    ("images of the GANs at epoch 10", "architecture:GAN intent:images image.epoch:10"),
    # plain words lead to a number, or turn it round
    ("a batch size of no less than 128 samples", "batch_size>=128"),
    ("VAEs whose dropout lies somewhere between 0.1 and 0.3", "architecture:VAE dropout:0.1..0.3"),
    ("the learning rate was chosen to be 0.001", "learning_rate:0.001"),
    ("lr stays below 1e-3", "learning_rate<0.001"),
    ("the batch size must not go beyond 64", "batch_size<=64"),
    ("0.01 as learning rate", "learning_rate:0.01"),
    ("learning rates from 1e-4 up to 1e-3", "learning_rate:0.0001..0.001"),
    ("a batch size of 2000", "batch_size:2000"),
    ("GANs of 2019", "architecture:GAN created:2019"),
    ("CNNs with dropout from 2018", "architecture:CNN has:dropout created:2018"),
    ("CNN + dropout + MNIST", "architecture:CNN has:dropout datasets:MNIST"),
    ("GANs with a cosine or linear schedule", "architecture:GAN scheduler:CosineAnnealingLR,LinearLR"),
    ("GANs for which nobody set a scheduler", "architecture:GAN -has:scheduler"),
    ("agents, but no Q-learning", 'task:"reinforcement learning" -architecture:DQN,C51,Q-Learning'),
    ("which models keep an exponential moving average of the weights?", "has:ema"),
    ("uses an EMA of the weights", "has:ema"),
    ("separate two classes of points", 'text:"separate two classes of points"'),
    ("garbage photographed in six classes", 'text:"garbage photographed in six classes"'),
    ("5 epochs at the very most", "epochs<=5"),
    ("celba gan", "datasets:CelebA architecture:GAN"),
    ("GANs written against PyTorch", "architecture:GAN framework:PyTorch"),
    ("10 epochs max", "epochs<=10"),
    ("more then 100 epochs", "epochs>100"),
    ("epochs (more than 100)", "epochs>100"),
    ("ten passes over the data", "epochs:10"),
    ("anything that goes through the training data just once", "epochs:1"),
    ("VAEs with 128+ sample batches", "architecture:VAE batch_size>=128"),
    ("GANs that train for 100 epochs or beyond", "architecture:GAN epochs>=100"),
    ("the learning rate is lower like 0.001", "learning_rate<0.001"),
    ("learning rate less or equal 0.01", "learning_rate<=0.01"),
    ("batch size equal to or greater than 128", "batch_size>=128"),
    ("batch size larger 128", "batch_size>128"),
    ("batch sizes from 128 upwards", "batch_size>=128"),
    ("a minimum batch size of 128", "batch_size>=128"),
    ("batch size minimum 64 maximum 128", "batch_size>=64 batch_size<=128"),
    ("batch size not below 64 and not above 128", "batch_size>=64 batch_size<=128"),
    ("batch size within 64 and 128", "batch_size:64..128"),
    ("not even 10 epochs", "epochs<10"),
    ("lr > 1 * 10^-3", "learning_rate>0.001"),
    ("nn.Dropout(0.5)", "dropout:0.5"),
    ("dropout with p = 0.5", "dropout:0.5"),
    ("made from 2025 on", "created>=2025"),
    ("VAEs having 16 dimensions in latent space", "architecture:VAE latent_dim:16"),
    ("CNNs that clip their gradients", "architecture:CNN has:grad_clip"),
    ("CNNs that clip the norm of the gradients", "architecture:CNN has:grad_clip"),
    ("GANs whose gradient norm is capped at 0.5", "architecture:GAN grad_clip:0.5"),
    (
        "CNNs that anneal the learning rate",
        "architecture:CNN (has:scheduler OR settings.anneal_lr:true OR settings.decay_lr:true"
        ' OR "adjust learning rate" OR "decay lr")',
    ),
    (
        "what are the differences between GANs, VAEs and CNNs?",
        "architecture:GAN VERSUS architecture:VAE VERSUS architecture:CNN",
    ),
    ("are the batches larger for VAEs or for GANs?", "architecture:VAE VERSUS architecture:GAN"),
    ("side by side: GANs and VAEs", "architecture:GAN VERSUS architecture:VAE"),
    (
        "How do GANs with a batch size above 64 differ from those below 32?",
        "(architecture:GAN batch_size>64) VERSUS (architecture:GAN batch_size<32)",
    ),
    ("batch size 64 versus 1", "batch_size:64 VERSUS batch_size:1"),
    ("compare the losses of the three MNIST GANs", "datasets:MNIST architecture:GAN intent:compare"),
    ("notebooks that fix the seed at 1234", "kind:notebook seed:1234"),
    ("GANs that need a GPU", "architecture:GAN hardware:cuda,mps,xpu,accelerator -hardware:cpu"),
    ("Which is newer, the GAN or the VAE?", "architecture:GAN VERSUS architecture:VAE"),
    ("binary classifiers", "task:classification loss:binary_cross_entropy"),
    ("CelebA GANs", "datasets:CelebA architecture:GAN"),
    ("how do the batch sizes compare between the GANs and the VAEs", "architecture:GAN VERSUS architecture:VAE"),
    (
        "how do GAN and VAE hyperparameters compare on MNIST?",
        "(datasets:MNIST architecture:GAN) VERSUS (architecture:VAE datasets:MNIST)",
    ),
    ("z of size 100", "latent_dim:100"),
    ("GANs on images of size 64", "architecture:GAN image_size:64"),
    ("batches in the 64 to 128 range", "batch_size:64..128"),
    # what is shown or done is no date, no doubt refuses, and what is counted need be no model
    ("photos taken in winter", 'text:"photos taken in winter"'),
    ("predict the weather in July", 'text:"predict the weather in July"'),
    ("GANs changed in May 2024", "architecture:GAN modified:2024-05"),
    ("a network that is not sure of its answer", 'text:"network that is not sure of its answer"'),
    ("sort animals not seen before", 'text:"sort animals not seen before"'),
    ("players of a game they have not tried", 'text:"players of a game they have not tried"'),
    ("models we have not trained on MNIST", "-datasets:MNIST"),
    ("it does not use Adam", "-optimizer:Adam"),
    ("lr 0,001", "learning_rate:0.001"),
    ("trained on CelebA and CIFAR", "datasets:CelebA,CIFAR-10,CIFAR-100"),
    ("batch sizes 32,64", "batch_size:32,64"),
    ("GAN,VAE without a seed", "architecture:GAN,VAE -has:seed"),
    ("batch size 1,024", "batch_size:1024"),
    ("opt:!adam", "optimizer!=Adam"),
    ("sampels of the CelebA model", "datasets:CelebA intent:images image.label:sample"),
    ("least recently changed", "sort:modified"),
    ("voices nobody has recorded", 'text:"voices nobody has recorded"'),
    ("count the cells in a picture", 'text:"count the cells in a picture"'),
    ("count the GANs with dropout", "architecture:GAN has:dropout intent:count"),
    # conditions in plain words that other words tell more of
    ("very deep autoencoders made stable", 'text:"very deep autoencoders made stable"'),
    ("the discriminator is an autoencoder", 'text:"discriminator is an autoencoder"'),
    ("deep autoencoders", "architecture:Autoencoder text:deep"),
    ("very deep GANs made stable", 'architecture:GAN text:"deep stable"'),
    ("very deep autoencoders made stable on MNIST", 'architecture:Autoencoder datasets:MNIST text:"deep stable"'),
    # misspelt words of what is described
    ("networks that compres pictures", 'text:"networks that compress pictures"'),
    ("reinforcment learning of a balanced pole", 'text:"reinforcement learning of a balanced pole"'),
    # what compares and what holds for both
    (
        "How do GANs differ from VAEs when trained on MNIST?",
        "(architecture:GAN datasets:MNIST) VERSUS (architecture:VAE datasets:MNIST)",
    ),
    ("differences: VAE, GAN", "architecture:VAE VERSUS architecture:GAN"),
    ("Which differ in learning rate: VAEs or GANs?", "architecture:VAE VERSUS architecture:GAN"),
    ("VAE or GAN: which optimizer?", "architecture:VAE VERSUS architecture:GAN"),
    ("GANs on 64 x 64 images", "architecture:GAN image_size:64"),
    ("10M frames", "steps:10000000"),
    ("GANs that log to wandb", 'architecture:GAN "wandb"'),
    # pieces of code
    ("everything with params.lr < 0.001", "learning_rate<0.001"),
    ("torch.optim.Adam(lr=0.001)", "optimizer:Adam learning_rate:0.001"),
    ('model.compile(optimizer="adam")', "optimizer:Adam"),
    ("dataset=mnist model=gan", "datasets:MNIST architecture:GAN"),
    ("--dataset mnist --model gan", "datasets:MNIST architecture:GAN"),
    ("gym.make('CartPole-v1')", "environment:CartPole"),
    ("env_id: CartPole-v1", "environment:CartPole"),
    ('SELECT * FROM runs WHERE optimizer = "SGD" AND dataset <> "mnist"', "optimizer:SGD datasets!=MNIST"),
    ('optimizer = "adam"', "optimizer:Adam"),
    ("a learning rate which is at maximum 0.001", "learning_rate<=0.001"),
    ("tiny batches (4 or less)", "batch_size<=4 text:tiny"),
    # what is refused before, behind and around its name
    ("GANs that were not evaluated on MNIST", "architecture:GAN -datasets:MNIST"),
    ("GANs, but I am not interested in MNIST", "architecture:GAN -datasets:MNIST"),
    ("GANs whose dataset differs from MNIST", "architecture:GAN -datasets:MNIST"),
    ("GANs where MNIST isn't the dataset", "architecture:GAN -datasets:MNIST"),
    ("GANs in which MNIST does not occur", "architecture:GAN -datasets:MNIST"),
    ("drop the MNIST ones from the GANs", "-datasets:MNIST architecture:GAN"),
    ("GANs as long as it's not MNIST", "architecture:GAN -datasets:MNIST"),
    ("GANs, but not the conditional ones", 'architecture:GAN -architecture:"Conditional GAN"'),
    ("GANs, MNIST aside", "architecture:GAN -datasets:MNIST"),
    ("Adam instead of plain gradients", 'optimizer:Adam text:"plain gradients"'),
    ("mnist yes, dropout no", "datasets:MNIST -has:dropout"),
    ("GANs that do not work with images of MNIST", "architecture:GAN -datasets:MNIST"),
    ("GANs, MNIST needn't be shown", "architecture:GAN -datasets:MNIST"),
    ("GANs; MNIST is not wanted", "architecture:GAN -datasets:MNIST"),
    ("GANs, MNIST left out", "architecture:GAN -datasets:MNIST"),
    ("leave the MNIST ones aside and give me the GANs", "-datasets:MNIST architecture:GAN"),
    ("leave MNIST and CIFAR-10 out: just the GANs", "-datasets:MNIST -datasets:CIFAR-10 architecture:GAN"),
    ("GANs, leaving aside MNIST", "architecture:GAN -datasets:MNIST"),
    ("take the noise away from a picture", 'text:"take the noise away from a picture"'),
    ("leave a part of the sentence out and guess it", 'text:"leave a part of the sentence out and guess it"'),
    ("select the GANs where the learning rate is below 0.01", "architecture:GAN learning_rate<0.01"),
    ("show me the GANs, thank you!", "architecture:GAN"),
    ("GANs with another optimizer than Adam", "architecture:GAN -optimizer:Adam"),
    ("GANs on any dataset but MNIST", "architecture:GAN -datasets:MNIST"),
    # a negation ends where another condition begins
    ("CNNs without dropout trained on MNIST", "architecture:CNN -has:dropout datasets:MNIST"),
    ("CNNs w/o dropout on MNIST", "architecture:CNN -has:dropout datasets:MNIST"),
    ("GANs w/out dropout on MNIST", "architecture:GAN -has:dropout datasets:MNIST"),
    ("GANs w/o dropout or weight decay on MNIST", "architecture:GAN -has:dropout -has:weight_decay datasets:MNIST"),
    ("MNIST without optimizer SGD", "datasets:MNIST -optimizer:SGD"),
    # what no model is together, "and" lists
    ("PyTorch and Keras GANs", "framework:PyTorch,Keras architecture:GAN"),
    ("DQN and PPO in PyTorch", "architecture:DQN,PPO framework:PyTorch"),
    ("Keras and TensorFlow scripts", "framework:Keras framework:TensorFlow"),
    ("both DQN and PPO", "architecture:DQN architecture:PPO"),
    ("DQN as well as PPO", "architecture:DQN architecture:PPO"),
    ("dqn/cartpole stuff", "architecture:DQN environment:CartPole"),
    # numbers
    ("batches of size 32", "batch_size:32"),
    ("latent codes of dimension 16", "latent_dim:16"),
    ("a 100-dimensional latent space", "latent_dim:100"),
    ("learning rate in [1e-4, 1e-3]", "learning_rate:0.0001..0.001"),
    ("between one and ten million steps", "steps:1000000..10000000"),
    ("half a million steps", "steps:500000"),
    ("more than a quarter of a million steps", "steps>250000"),
    ("learning rate below a thousandth", "learning_rate<0.001"),
    ("tens of thousands of training steps", "steps:10000..100000"),
    ("GANs, one without dropout", "architecture:GAN -has:dropout"),
    ("one network acts, another one rates it", 'text:"network acts another one rates it"'),
    ("knows when it does not know", 'text:"knows when it does not know"'),
    ("256-pixel models", "image_size:256"),
    ("64px pictures", "image_size:64"),
    ("at most 64 pixels", "image_size<=64"),
    ("64x64 or larger", "image_size>=64"),
    ("scripts that don't say the number of epochs", "missing:epochs"),
    ("step counts over one million", "steps>1000000"),
    # what is there and what is missing
    ("uses both dropout and a scheduler", "has:dropout has:scheduler"),
    ("models without dropout, weight decay or a scheduler", "-has:dropout -has:weight_decay -has:scheduler"),
    ("MNIST GANs, but only the ones with SGD", "datasets:MNIST architecture:GAN optimizer:SGD"),
    ("dropout less or equal to 0.1", "dropout<=0.1"),
    ("a latent dimension bigger as 100", "latent_dim>100"),
    ("learning rate equals to 0.001", "learning_rate:0.001"),
    # what a word with "-free" or "-less" refuses
    ("SGD-free GANs", "-optimizer:SGD architecture:GAN"),
    ("dropout-free CNNs and MLPs", "-has:dropout architecture:CNN,MLP"),
    ("GPU-less scripts", "-hardware:cuda,mps,xpu,accelerator"),
    # words of belonging say nothing
    ("agents which do not belong to the DQN family", 'task:"reinforcement learning" -architecture:DQN'),
    ("notebooks in which Adam appears", "kind:notebook optimizer:Adam"),
    ("MLP agents", 'architecture:MLP task:"reinforcement learning"'),
    # names
    ("cart pole dueling", 'environment:CartPole ("dueling" OR "duel dqn" OR "duelingdqn" OR "dueling dqn")'),
    ("tf gan", "framework:TensorFlow architecture:GAN"),
    ("agents that play Doom", 'task:"reinforcement learning" environment:ViZDoom'),
    # order
    ("top three batch sizes", "sort:-batch_size limit:3"),
    ("the GAN with the largest images", "architecture:GAN sort:-image_size rank:1"),
    ("first GAN ever written", "architecture:GAN sort:created limit:1"),
    ("which GAN was changed last?", "architecture:GAN sort:-modified limit:1"),
    ("which VAE was written first?", "architecture:VAE sort:created limit:1"),
    ("the largest file", "sort:-size rank:1"),
    # dates
    ("written in 2020 or 2021", "created:2020,2021"),
    ("neither 2020 nor 2021", "-created:2020 -created:2021"),
    ("2021 GANs", "created:2021 architecture:GAN"),
    ("2022 or later", "created>=2022"),
    ("GANs from 2021 and 2024", "architecture:GAN created:2021,2024"),
    ("GANs older than the oldest VAE", "architecture:GAN created<2025-03-01"),
    ("before the last layer", 'text:"before the last layer"'),
    ("last commit in 2024", "modified:2024"),
    ("2000 steps", "steps:2000"),
    # comparisons
    ("GANs and VAEs - what changed?", "architecture:GAN VERSUS architecture:VAE"),
    ("put DQN and PPO side by side", "architecture:DQN VERSUS architecture:PPO"),
    ("give me a comparison of DQN and PPO", "architecture:DQN VERSUS architecture:PPO"),
    (
        "VAEs that use dropout against those that don't",
        "(architecture:VAE has:dropout) VERSUS (architecture:VAE -has:dropout)",
    ),
    ("GANs with dropout vs without", "(architecture:GAN has:dropout) VERSUS (architecture:GAN -has:dropout)"),
    ("MNIST GANs versus the rest", "(datasets:MNIST architecture:GAN) VERSUS (architecture:GAN -datasets:MNIST)"),
    ("in what way do GANs differ from VAEs?", "architecture:GAN VERSUS architecture:VAE"),
    ("show the GANs next to the VAEs", "architecture:GAN VERSUS architecture:VAE"),
    ("GANs and VAEs: learning rates", "architecture:GAN VERSUS architecture:VAE"),
    ("compare the two MNIST GANs", "datasets:MNIST architecture:GAN intent:compare"),
    ("put the two MNIST GANs side by side", "datasets:MNIST architecture:GAN intent:compare"),
    ("MNIST: GAN or VAE - what changed?", "(architecture:GAN datasets:MNIST) VERSUS (architecture:VAE datasets:MNIST)"),
    ("both MNIST GANs, compared", "datasets:MNIST architecture:GAN intent:compare"),
    ("explain how GANs and VAEs differ", "architecture:GAN VERSUS architecture:VAE"),
    ("what do GANs and VAEs differ in?", "architecture:GAN VERSUS architecture:VAE"),
    ("A2C vs VAEs", "text:a2c VERSUS architecture:VAE"),
    ("any GANs here?", "architecture:GAN"),
    ("GANs with an accuracy above 90% on MNIST", "architecture:GAN metrics.accuracy>0.9 datasets:MNIST"),
    ("at least 0.95 validation accuracy", "metrics.validation_accuracy>=0.95"),
    ("GANs with mse loss below 20 epochs", "architecture:GAN loss:mse_loss epochs<20"),
    (
        "how do the GANs and the VAEs that use MNIST differ?",
        "(datasets:MNIST architecture:GAN) VERSUS (architecture:VAE datasets:MNIST)",
    ),
    ("Adam versus everything else", "optimizer:Adam VERSUS -optimizer:Adam"),
    ("are there more GANs than VAEs?", "architecture:GAN VERSUS architecture:VAE"),
    ("compare the batch sizes of the MNIST GANs", "datasets:MNIST architecture:GAN intent:compare"),
    ("compare learning rates of GANs and VAEs", "architecture:GAN VERSUS architecture:VAE"),
    # what is said around a question
    ("hmm, what about the GANs", "architecture:GAN"),
    ("um so like which ones are GANs", "architecture:GAN"),
    ("ok now only those with batch size 64", "batch_size:64"),
    ("sorry, I meant the VAEs", "architecture:VAE"),
    ("I don't remember which one used MNIST", "datasets:MNIST"),
    ("which one is the VAE thing again?", "architecture:VAE"),
    ("u net on MNIST", "architecture:UNet datasets:MNIST"),
    ("well separated clusters", 'text:"well separated clusters"'),
    ("share of models with dropout", "has:dropout intent:count"),
    ("what fraction uses dropout", "has:dropout intent:count"),
    ("fraction of variance explained", 'text:"fraction of variance explained"'),
    ("python scripts, no notebooks", "kind:script -kind:notebook"),
    # numbers without spaces, sizes and months as people type them
    ("bs64 lr1e-3", "batch_size:64 learning_rate:0.001"),
    ("28*28 images", "image_size:28"),
    ("models larger than 10m on MNIST", "parameters>10000000 datasets:MNIST"),
    ("made in 2025-03", "created:2025-03"),
    ("last modified", "sort:-modified"),
    ("smallest lr with Adam", "optimizer:Adam sort:learning_rate rank:1"),
    ("learning rate schedulers", "has:scheduler"),
    ("without any regularization on MNIST", "-has:dropout -has:weight_decay datasets:MNIST"),
    ("GANs in PyTorch and in 2023", "architecture:GAN framework:PyTorch created:2023"),
    ("GANs in Keras and in PyTorch", "architecture:GAN framework:Keras,PyTorch"),
    ("GAN 2b", 'architecture:GAN (parameters:2000000000 OR steps:2000000000 OR "2b")'),
]


@pytest.mark.parametrize(("question", "line"), WORDINGS, ids=[question for question, _ in WORDINGS])
def test_a_wording_is_read(question: str, line: str, reader: Reader) -> None:
    assert str(read_question(question, reader)) == line


def test_a_name_is_of_the_field_said_beside_it(tmp_path: Path) -> None:
    """A schedule to the vocabulary, an optimizer of this collection; a technique, but a family of models here."""
    made = [Made("lab/warm", facts(optimizer="Noam")), Made("lab/moe", facts(architecture="Mixture of Experts"))]
    reader = make_catalogue(tmp_path, made)
    assert str(read_question("scripts with the Noam optimiser", reader)) == "optimizer:Noam"
    assert str(read_question("models with noam", reader)) == "optimizer:Noam"
    assert str(read_question("noam schedule", reader)) == 'scheduler:"Inverse Square Root"'
    assert str(read_question("mixture-of-experts models", reader)) == 'architecture:"Mixture of Experts"'


def test_a_task_and_a_family_of_one_name_are_either(tmp_path: Path) -> None:
    made = [Made("lab/a", facts(task="super-resolution")), Made("lab/b", facts(architecture="Super-Resolution"))]
    reader = make_catalogue(tmp_path, made)
    both = "architecture:Super-Resolution OR task:super-resolution"
    assert str(read_question("the super-resolution models", reader)) == both
    assert str(read_question("arch:super-resolution", reader)) == "architecture:Super-Resolution"


def test_every_game_of_the_arcade_is_one_of_its_family(tmp_path: Path) -> None:
    played = ["Alien-v5", "AsterixNoFrameskip-v4", "ALE/Tennis-v5", "Tennis3D-v0"]
    made = [Made(f"lab/m{place}", facts(environment=name)) for place, name in enumerate(played)]
    assert answer("env:atari", make_catalogue(tmp_path, made), None, None).ids == ("lab/m0", "lab/m1", "lab/m2")


def test_the_first_of_two_models_has_the_noun_of_the_second(tmp_path: Path) -> None:
    names = ("3.1 PPO-Discrete", "3.2 PPO-Continuous", "5.1 SAC-Discrete")
    reader = make_catalogue(tmp_path, [Made(f"lab/{name}/main", facts(framework="PyTorch")) for name in names])
    read = read_question("the difference between the discrete and the continuous PPO", reader)
    assert str(read) == 'id:"lab/3.1 PPO-Discrete/main","lab/3.2 PPO-Continuous/main" intent:compare'


@pytest.mark.parametrize(
    ("question", "line"),
    [
        ("larger batch than the DCGAN", "batch_size>128"),
        ("GANs with fewer epochs than dcgan", "architecture:GAN epochs<20"),
        ("the same optimizer as the DCGAN", "optimizer:Adam -id:lab/dcgan"),
        ("models using the same optimizer as wgan", "optimizer:RMSprop -id:lab/wgan"),
        ("the same optimizer and number of epochs as dcgan", "optimizer:Adam epochs:20 -id:lab/dcgan"),
        ("fewer epochs than 30", "epochs<30"),
        ("the same batch size as the GANs", "batch_size:128,64"),
        ("larger batches than the GANs", "batch_size>128"),
        ("the same number of epochs as dcgan", "epochs:20 -id:lab/dcgan"),
        ("GANs whose batch size is larger than that of the DCGAN", "architecture:GAN batch_size>128"),
        ("models with a batch size smaller than 64", "batch_size<64"),
    ],
)
def test_a_model_sets_what_is_compared_with_it(question: str, line: str, tmp_path: Path) -> None:
    dcgan = facts(architecture=["DCGAN", "GAN"], optimizer="Adam", batch_size=128, epochs=20)
    made = [Made("lab/dcgan", dcgan), Made("lab/wgan", facts(architecture="GAN", optimizer="RMSprop", batch_size=64))]
    assert str(read_question(question, make_catalogue(tmp_path, made))) == line


def test_a_class_of_an_environment_is_of_the_one_it_varies(tmp_path: Path) -> None:
    acted = ["HalfCheetahDirEnv", "HalfCheetahDirection", "MazeEnv"]
    made = [Made(f"lab/{name}", facts(environment=name)) for name in acted]
    assert answer("half cheetah", make_catalogue(tmp_path, made), WordEmbedder, None).ids == ("lab/HalfCheetahDirEnv",)


def test_a_folder_is_no_kind_of_what_its_name_begins_with(tmp_path: Path) -> None:
    made = [Made("lab/metric-based/a", facts()), Made("lab/plain/b", facts())]
    assert str(read_question("metric-based models", make_catalogue(tmp_path, made))) == "path:/metric-based"


def test_what_no_data_show_is_looked_for_by_its_word(tmp_path: Path) -> None:
    made = [Made("lab/a", facts(architecture="GAN"), texts=["a folder of flowers"]), Made("lab/b", facts())]
    assert str(read_question("GANs on flowers", make_catalogue(tmp_path, made))) == 'architecture:GAN "flowers"'


@pytest.mark.parametrize("word", ["letter", "station", "flower", "class", "category", "image"])
def test_a_word_is_met_in_its_other_number(word: str) -> None:
    several = {"class": "classes", "category": "categories"}.get(word, f"{word}s")
    assert several in forms(word) and word in forms(several)


def test_a_folder_ends_with_a_slash(tmp_path: Path) -> None:
    made = [Made("lab/transformers/small", facts(framework="PyTorch"))]
    assert str(read_question("scripts under transformers/", make_catalogue(tmp_path, made))) == "path:/transformers/"


def test_the_tutorial_is_the_root_called_so(tmp_path: Path) -> None:
    made = [Made("pytorch-tutorial/gan", facts(architecture="GAN")), Made("lab/gan", facts(architecture="GAN"))]
    reader = make_catalogue(tmp_path, made)
    assert str(read_question("GANs in the tutorial", reader)) == "architecture:GAN root:pytorch-tutorial"


def test_a_loss_is_no_network(reader: Reader) -> None:
    assert str(read_question("GANs with a VGG loss", reader)) == str(
        read_question("GANs with a perceptual loss", reader)
    )


def test_a_lesson_is_called_by_its_title(tmp_path: Path) -> None:
    """A model that a number puts in order is named without it, and is not on the side of its own family."""
    models = [
        Made("lab/1.DQN", facts(architecture="DQN")),
        Made("lab/2.Rainbow", facts(architecture=["C51", "DQN"])),
        Made("lab/3.A2C", facts(architecture="Actor-Critic")),
    ]
    lessons = make_catalogue(tmp_path, models)
    assert str(read_question("Rainbow vs A2C", lessons)) == "id:lab/2.Rainbow,lab/3.A2C intent:compare"
    assert str(read_question("Rainbow versus the DQNs", lessons)) == (
        "id:lab/2.Rainbow VERSUS (architecture:DQN -id:lab/2.Rainbow)"
    )


def test_a_lesson_is_found_by_its_number(tmp_path: Path) -> None:
    lessons = make_catalogue(tmp_path, [Made("lab/04.DQN"), Made("lab/4_her"), Made("lab/14.A2C")])
    assert str(read_question("lesson 4", lessons)) == "path:/04.dqn,/4_her"
    assert "path" not in str(read_question("day 4 of training", lessons))


def test_a_day_is_that_of_the_model_that_has_the_most(tmp_path: Path) -> None:
    made = [
        Made(f"lab/vae{size}", facts(architecture="VAE", batch_size=size), created=f"2024-0{place}-05")
        for place, size in enumerate((32, 64, 128), 1)
    ]
    reader = make_catalogue(tmp_path, made)
    assert str(read_question("VAEs older than the VAE with the largest batch size", reader)).endswith("2024-03-05")
    assert str(read_question("VAEs older than the second newest VAE", reader)).endswith("created<2024-02-05")


def test_a_root_goes_by_the_folder_around_it(tmp_path: Path) -> None:
    """`ignite/samples`, though Ignite is also a framework; initials are no misspelt data set."""
    made = [Made("samples/gan", facts(architecture="GAN", datasets="Cora"))]
    reader = make_catalogue(tmp_path / "a", made, around="ignite")
    assert str(read_question("ignite GANs", reader)) == "root:samples architecture:GAN"
    assert str(read_question("CORL GANs", reader)) == "architecture:GAN text:CORL"
    plain = make_catalogue(tmp_path / "b", made, around="projects")
    assert str(read_question("GANs in projects", plain)) == "architecture:GAN"


def test_a_setting_spelt_like_a_field_that_tells_something_else_is_itself(tmp_path: Path) -> None:
    rollout = facts(steps=10**6, settings_num_steps=128, settings_total_timesteps=10**6)
    reader = make_catalogue(tmp_path, [Made("lab/ppo", rollout)])
    assert str(read_question("num_steps 128", reader)) == "settings.num_steps:128"
    assert str(read_question("num_steps:128", reader)) == "settings.num_steps:128"
    assert str(read_question("total_timesteps 1000000", reader)) == "steps:1000000"


def test_a_root_is_called_by_its_name_though_a_family_is_part_of_it(tmp_path: Path) -> None:
    reader = make_catalogue(tmp_path, [Made("nanoGPT/train", facts(architecture="GPT", optimizer="AdamW"))])
    assert str(read_question("the optimizer of nanoGPT", reader)) == "root:nanoGPT"


def test_what_counts_layers_and_heads_is_called_as_the_collection_calls_it(tmp_path: Path) -> None:
    reader = make_catalogue(tmp_path, [Made("lab/lm", facts(settings_N_LAYERS=2, settings_n_head=4, heads=4))])
    assert str(read_question("two layers", reader)) == "settings.N_LAYERS:2"
    assert str(read_question("one-layer models with 4 heads", reader)) == (
        "settings.N_LAYERS:1 (heads:4 OR settings.n_head:4)"
    )


def test_what_is_counted_is_a_setting(tmp_path: Path) -> None:
    made = [Made("lab/sac", {"settings.num_critics": [10], "settings.qf_lr": [3e-4]})]
    reader = make_catalogue(tmp_path, made)
    assert str(read_question("more than 2 critics", reader)) == "settings.num_critics>2"
    assert str(read_question("critic lr of 3e-4", reader)) == "settings.qf_lr:0.0003"


def test_data_that_no_model_is_known_to_have_are_looked_for_in_names(tmp_path: Path) -> None:
    made = [Made("lab/17flowers/vgg", facts(architecture="VGG")), Made("lab/other/vgg", facts(architecture="VGG"))]
    assert str(read_question("VGG on flowers", make_catalogue(tmp_path, made))) == "architecture:VGG path:/17flowers"


def test_families_that_no_model_is_known_to_be_are_those_that_are_only_named_so(tmp_path: Path) -> None:
    made = [Made("lab/a", facts(architecture="CNN", named_only="PointNet")), Made("lab/b", facts(architecture="CNN"))]
    reader = make_catalogue(tmp_path / "a", made)
    assert str(read_question("pointnets", reader)) == "named_only:PointNet"
    assert str(read_question("CNNs but no PointNet", reader)) == "architecture:CNN -named_only:PointNet"
    known = make_catalogue(tmp_path / "b", [*made, Made("lab/c", facts(architecture="PointNet"))])
    assert str(read_question("pointnets", known)) == "architecture:PointNet"


def test_places_that_no_agent_is_known_to_act_in_are_looked_for_in_names(tmp_path: Path) -> None:
    reader = make_catalogue(tmp_path / "a", [Made("lab/1-grid-world/sarsa", facts(architecture="DQN"))])
    assert str(read_question("DQN in a grid world", reader)) == "architecture:DQN path:/1-grid-world"
    known = [Made("lab/grid-world/dqn", facts(architecture="DQN", environment="GridWorld"))]
    question = read_question("DQN in a grid world", make_catalogue(tmp_path / "b", known))
    assert str(question).startswith("architecture:DQN environment:GridWorld,")


def test_plain_gradient_descent_and_a_huber_loss_are_told_by_more_than_one_name(tmp_path: Path) -> None:
    reader = make_catalogue(tmp_path, [Made("lab/dqn", facts(optimizer="SGD", loss="SmoothL1Loss"))])
    assert str(read_question("plain gradient descent", reader)) == "optimizer:SGD"
    assert str(read_question("trained with a Huber loss", reader)) == "loss:huber_loss,smooth_l1_loss"
    assert str(read_question("trained with a smooth L1 loss", reader)) == "loss:smooth_l1_loss"


def test_a_namesake_is_told_by_its_folder(tmp_path: Path) -> None:
    made = [Made(f"lab/{name}", facts()) for name in ("offline/iql", "finetune/iql", "finetune/cql")]
    line = "id:lab/offline/iql,lab/finetune/iql intent:compare"
    assert str(read_question("compare offline/iql with the finetuning one", make_catalogue(tmp_path, made))) == line


def test_recorded_behaviour_is_of_its_environment(tmp_path: Path) -> None:
    made = [Made("lab/bc", facts(environment="halfcheetah-medium-expert-v2")), Made("lab/sac", facts())]
    reader = make_catalogue(tmp_path, made)
    assert answer("HalfCheetah", reader, lambda: None, None).ids == ("lab/bc",)


def test_folders_of_several_words_and_numbered_parts(tmp_path: Path) -> None:
    folders = ("first_edition", "first_edition/part1", "second_edition/chapter08_vision", "second_edition/chapter8")
    made = [Made(f"book/{name}/gan", facts()) for name in folders]
    reader = make_catalogue(tmp_path, made)
    assert str(read_question("models from the second edition", reader)) == "path:/second_edition"
    assert str(read_question("notebooks of chapter 8", reader)) == "kind:notebook path:/chapter08_vision,/chapter8"
    sides = "path:/first_edition/ VERSUS path:/second_edition/"
    assert str(read_question("first edition vs second edition of the book", reader)) == sides


def test_a_name_beside_a_model_is_the_model_beside_it(tmp_path: Path) -> None:
    """WGAN-GP is a family, and beside `wgan_div`, which is none, the model of that name in the same root."""
    families = {"wgan_gp": ["WGAN-GP", "WGAN", "GAN"], "wgan_div": ["WGAN", "GAN"], "stargan": ["WGAN-GP", "GAN"]}
    made = [Made(f"gans/{name}/{name}", facts(architecture=held)) for name, held in families.items()]
    reader = make_catalogue(tmp_path, [*made, Made("lab/critic", facts(architecture=["WGAN-GP", "GAN"]))])
    ids = "id:gans/wgan_gp/wgan_gp,gans/wgan_div/wgan_div intent:compare"
    assert str(read_question("wgan_gp vs wgan_div", reader)) == ids
    assert (
        str(read_question("differences of wgan_div and wgan_gp", reader))
        == "id:gans/wgan_div/wgan_div,gans/wgan_gp/wgan_gp intent:compare"
    )
    apart = "(architecture:WGAN -architecture:WGAN-GP) VERSUS architecture:WGAN-GP"
    assert str(read_question("WGAN vs WGAN-GP", reader)) == apart


def test_what_a_collection_has_is_meant_by_its_name(tmp_path: Path) -> None:
    """A title of four words is a root, a loss that is in use is no technique, letters may be left out of a family."""
    held = facts(architecture=["DenseNet", "CNN"], loss=["hinge_loss"])
    reader = make_catalogue(tmp_path, [Made("get-things-done-here/net", held), Made("lab/plain", facts())])
    assert str(read_question("get things done here: notebooks", reader)) == "root:get-things-done-here kind:notebook"
    assert str(read_question("with hinge loss", reader)) == "loss:hinge_loss"
    assert str(read_question("a denset", reader)) == "architecture:DenseNet"


def test_a_misspelt_word_of_english_is_one_of_a_models_name(tmp_path: Path) -> None:
    made = [Made("lab/switch/layer", facts(architecture="Transformer")), Made("lab/plain", facts())]
    reader = make_catalogue(tmp_path, made)
    assert str(read_question("swtich layers with Adam", reader)) == 'optimizer:Adam text:"switch layers"'
    assert str(read_question("swtich transformers", reader)) == "architecture:Transformer text:switch"
    assert str(read_question("features by binning", reader)) == 'text:"features by binning"'


def test_a_model_that_is_the_only_one_of_its_kind_dates_others(tmp_path: Path) -> None:
    made = [Made("lab/dqn", facts(architecture="DQN"), created="2024-02-03")]
    reader = make_catalogue(tmp_path, [*made, *(Made(f"lab/gan{n}", facts(architecture="GAN")) for n in (1, 2))])
    assert str(read_question("GANs newer than the DQN script", reader)) == "architecture:GAN created>2024-02-03"
    assert "created" not in str(read_question("newer than the GAN script", reader))


def test_a_family_is_compared_with_a_technique_by_its_name(reader: Reader) -> None:
    first, second = read_question("compare beta VAE and WAE", reader).cohorts
    assert (str(first), "architecture" in str(second)) == ("architecture:Beta-VAE", False)


def test_a_plain_word_that_is_also_a_family_names_no_file(tmp_path: Path) -> None:
    reader = make_catalogue(tmp_path, [Made("lab/3_embedding_visualize", facts())])
    assert str(read_question("distance to the mean embedding", reader)) == 'text:"distance to the mean embedding"'


def test_plain_words_beside_one_that_must_stand_there_ask_for_nothing(tmp_path: Path) -> None:
    made = [Made("lab/a", facts(), texts=["logs to wandb"]), Made("lab/b", facts(), texts=["prints"])]
    assert answer("stuff logged to wandb", make_catalogue(tmp_path, made), WordEmbedder, None).ids == ("lab/a",)


def test_a_package_that_is_used_has_to_stand_there(tmp_path: Path) -> None:
    made = [Made("lab/a", facts(), texts=["uses gymnasium tyro.cli"]), Made("lab/b", facts(), texts=["uses curiosity"])]
    reader = make_catalogue(tmp_path, made)
    assert str(read_question("scripts that import gymnasium", reader)) == '"gymnasium"'
    assert str(read_question("built with tyro, on MNIST", reader)) == '"tyro" datasets:MNIST'
    assert str(read_question("import tyro as cli", reader)) == '"tyro"'
    assert str(read_question("logged to tyro", reader)) == '"tyro"'
    assert str(read_question("not using tyro", reader)) == '-"tyro"'
    assert str(read_question("imports gymnasium, but not tyro", reader)) == '"gymnasium" -"tyro"'
    assert str(read_question("import either gymnasium or tyro on MNIST", reader)) == (
        '("gymnasium" OR "tyro") datasets:MNIST'
    )
    assert str(read_question("scripts that import torch", reader)) == "framework:PyTorch"
    assert str(read_question("agents using curiosity", reader)) == 'text:"agents using curiosity"'
    assert str(read_question("models that use pandas", reader)) == 'text:"use pandas"'


def test_a_comparison_without_a_side_is_plain_text(reader: Reader) -> None:
    for line in (" VERSUS ", "a VERSUS ", " VERSUS b"):
        query = read_question(line, reader)
        assert not query.cohorts and read_question(str(query), reader) == query


def test_a_setting_that_a_sentence_tells_of_is_a_word_of_it(tmp_path: Path) -> None:
    reader = make_catalogue(tmp_path, [Made("lab/a3c", {"settings.num_workers": [4]})])
    acting = "several workers learn at the same time and share one network"
    assert str(read_question(acting, reader)) == f'text:"{acting}"'
    assert str(read_question("models with workers", reader)) == "has:settings.num_workers"
    assert str(read_question("how many workers do they use", reader)) == "intent:details"


def test_words_that_say_nothing_alone_are_counted_whole(tmp_path: Path) -> None:
    reader = make_catalogue(tmp_path, [Made("lab/a3c", facts())])
    assert str(read_question("two networks learn at the same time", reader)) == (
        'text:"two networks learn at the same time"'
    )


def test_a_game_is_known_by_the_head_of_an_environment_s_name(tmp_path: Path) -> None:
    names = ["VizDoom-basic", "VizDoom-health_gathering", "SpaceInvaders-Atari2600", "MiniGrid-DoorKey-8x8-v0"]
    reader = make_catalogue(tmp_path, [Made(f"lab/m{at}", {"environment": [name]}) for at, name in enumerate(names)])
    asked = {"env:doom": (0, 1), "env:atari": (2,), "trained on MiniGrid": (3,), "scripts not about Doom": (2, 3)}
    for question, found in asked.items():
        assert answer(question, reader, None, None).ids == tuple(f"lab/m{at}" for at in found), question


def test_a_schedule_that_a_script_keeps_is_known_by_its_setting(tmp_path: Path) -> None:
    made = [
        Made("lab/own", {"settings.lr_scheduler": ["cosine"]}),
        Made("lab/torch", {"scheduler": ["CosineAnnealingLR"]}),
        Made("lab/step", {"settings.lr_scheduler": ["step"]}),
        Made("lab/noise", {"settings.beta_schedule": ["cosine"]}),
    ]
    reader = make_catalogue(tmp_path, made)
    assert answer("a cosine learning rate schedule", reader, None, None).ids == ("lab/own", "lab/torch")
    assert answer("no cosine schedule", reader, None, None).ids == ("lab/noise", "lab/step")


def test_what_a_part_is_describes_the_whole(tmp_path: Path) -> None:
    reader = make_catalogue(tmp_path, [Made("lab/ae", {"architecture": ["Autoencoder"]})])
    text = "the discriminator is an autoencoder whose reconstruction error is the energy"
    assert str(read_question(text, reader)) == f'text:"{text.removeprefix("the ")}"'
    assert str(read_question("the model is an autoencoder", reader)) == "architecture:Autoencoder"


def test_what_two_act_on_is_said_once(tmp_path: Path) -> None:
    made = [Made(f"lab/{name} on Sonic/model", {"architecture": [name]}) for name in ("PPO", "SAC")]
    reader = make_catalogue(tmp_path, [*made, Made("lab/other", {"architecture": ["PPO"]})])
    found = answer("What separates PPO and SAC on Sonic?", reader, None, None)
    assert found.query.intent == "compare" and found.ids == ("lab/PPO on Sonic/model", "lab/SAC on Sonic/model")


def test_a_data_set_of_the_collection_is_no_technique_by_its_name(tmp_path: Path) -> None:
    reader = make_catalogue(tmp_path, [Made("lab/gin", {"datasets": ["PROTEINS"]}), Made("lab/gcn", {})])
    assert str(read_question("models on PROTEINS", reader)) == "datasets:PROTEINS"


def test_a_folder_lends_nothing_to_the_other_side(tmp_path: Path) -> None:
    made = [Made(f"lab/normalization/{name}/mnist") for name in ("batch_norm", "layer")]
    made.append(Made("lab/normalization/batch_norm/cifar10"))
    told = str(read_question("layer norm vs batch norm", make_catalogue(tmp_path, made)))
    assert told.endswith(") VERSUS path:/batch_norm/")


@pytest.mark.parametrize(
    ("misspelt", "meant"),
    [("least squars gan", "least squares gan"), ("soft actro critic", "soft actor critic")],
)
def test_a_name_of_three_words_may_be_misspelt_behind_the_first(misspelt: str, meant: str, reader: Reader) -> None:
    assert read_question(misspelt, reader).expr == read_question(meant, reader).expr
