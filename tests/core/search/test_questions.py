"""Questions and how they are read: each line of the table is a question and its canonical line."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.catalog.reading import Reader
from core.search.reading import read_question
from core.vocabulary import load
from tests.core.search.made import Made, make_catalogue

READINGS = [
    # names, aliases, plurals, misspellings
    ("models on CIFAR-10", "datasets:CIFAR-10"),
    ("show me cnns on minst", "architecture:CNN datasets:MNIST"),
    ("oxfrod flower", 'datasets:"Oxford Flowers 102"'),
    ("wgan gp on celeb a", "architecture:WGAN-GP datasets:CelebA"),
    ("pytroch lightening scripts", 'framework:"PyTorch Lightning"'),
    ("fashion mist", "datasets:Fashion-MNIST"),
    ("varational autoencodr", "architecture:VAE"),
    ("keras notebooks on cats vs dogs", 'framework:Keras kind:notebook datasets:"Dogs vs Cats"'),
    ("models using binary cross entropy", "loss:binary_cross_entropy"),
    ("trained with mean squared error", "loss:mse_loss"),
    ("a linear schedule", "scheduler:LinearLR"),
    ("ResNet-34 models", "architecture:ResNet text:resnet34"),
    ("no polynomial is misspelt", "text:misspelt -text:polynomial"),
    # negation and its scope
    ("models without dropout", "-has:dropout"),
    ("autoencoders not trained on MNIST", "architecture:Autoencoder -datasets:MNIST"),
    ("not trained on MNIST or CIFAR-10", "-datasets:MNIST -datasets:CIFAR-10"),
    ("nets that use neither Adam nor SGD", "-optimizer:Adam -optimizer:SGD"),
    ("not on MNIST and using Adam", "-datasets:MNIST optimizer:Adam"),
    ("no scheduler, no weight decay", "-has:scheduler -has:weight_decay"),
    ("GANs, but not DCGANs", "architecture:GAN -architecture:DCGAN"),
    ("RNNs other than LSTMs", "architecture:RNN -architecture:LSTM"),
    ("everything except GANs", "-architecture:GAN"),
    ("VAEs that are NOT trained on CelebA", "architecture:VAE -datasets:CelebA"),
    ("non-convolutional MNIST models", "-architecture:CNN datasets:MNIST"),
    ("SGD instead of Adam", "optimizer:SGD -optimizer:Adam"),
    ("which ones have no learning rate scheduler?", "-has:scheduler"),
    ("GANs besides those on MNIST", "architecture:GAN -datasets:MNIST"),
    ("not only GANs but also VAEs", "architecture:GAN,VAE"),
    ("models that use not only Adam but also SGD", "optimizer:Adam optimizer:SGD"),
    ("batch size not bigger than 16", "batch_size<=16"),
    ("batch size of two hundred and fifty-six", "batch_size:256"),
    ("one thousand and twenty-four steps", "steps:1024"),
    ("batch sizes of one hundred and two hundred", "batch_size:100,200"),
    ("between one hundred and one hundred and fifty epochs", "epochs:100..150"),
    ("GANs and VAEs: what is different?", "architecture:GAN VERSUS architecture:VAE"),
    ("GAN and VAE - what is the main difference?", "architecture:GAN VERSUS architecture:VAE"),
    ("the B beta-VAEs", "architecture:Beta-VAE text:B"),
    ("encoder-decoder with skip connections", "architecture:UNet"),
    ("LSTMs trained on something else than MNIST", "architecture:LSTM -datasets:MNIST"),
    ("GANs with SGD, unless they run on CelebA", "architecture:GAN optimizer:SGD -datasets:CelebA"),
    ("learning rates over one", "learning_rate>1"),
    ("the difference of the GANs and the VAEs", "architecture:GAN VERSUS architecture:VAE"),
    (
        "the difference of the JAX and the PyTorch VAEs on MNIST",
        "(architecture:VAE datasets:MNIST framework:JAX) VERSUS (framework:PyTorch architecture:VAE datasets:MNIST)",
    ),
    ("non-adversarial image generation", '-architecture:GAN (id:*image?genera* OR missing:task "image generation")'),
    ("score-based models", "architecture:Score-Based"),
    ("non-recurrent text models", None),
    ("drive a car without hitting obstacles", 'text:"drive a car without hitting obstacles"'),
    ("predict diabetes from medical measurements", 'text:"predict diabetes from medical measurements"'),
    ("find out which language a surname comes from", 'text:"language a surname comes from"'),
    ("Which tutorials use Adam?", "optimizer:Adam"),
    ("agents that aren't DQNs", 'task:"reinforcement learning" -architecture:DQN'),
    ("scripts that never touch a GPU", "-hardware:cuda,mps,xpu,accelerator"),
    ("models that can do without a scheduler", "-has:scheduler"),
    ("turn horses into zebras without paired pictures", 'text:"turn horses into zebras without paired pictures"'),
    ("do the GANs use larger batches than the VAEs?", "architecture:GAN VERSUS architecture:VAE"),
    ("which optimizers differ between GANs and VAEs?", "architecture:GAN VERSUS architecture:VAE"),
    ("GANs and VAEs compared", "architecture:GAN VERSUS architecture:VAE"),
    ("linear regression with Adam", 'architecture:Linear -architecture:"Logistic Regression" optimizer:Adam'),
    ("GAN samples", "architecture:GAN intent:images image.label:sample"),
    ("GANs sorted by age, oldest first", "architecture:GAN sort:created"),
    ("which GANs were trained the longest", "architecture:GAN sort:-epochs"),
    ("images of 64 by 64", "image_size:64 intent:images"),
    ("models created between March and May 2024", "created:2024-03-01..2024-05-31"),
    ("batch size not equal to 64", "-batch_size:64"),
    ("batch size of 2^7", "batch_size:128"),
    ("learning rate of 10^-3", "learning_rate:0.001"),
    ("the 3 latest GANs", "architecture:GAN sort:-modified limit:3"),
    ("what may be a GAN", "architecture:GAN"),
    ("momentum of 0.9", "momentum:0.9"),
    ("SGD with momentum", "optimizer:SGD has:momentum"),
    ("SGD, momentum and weight decay", "optimizer:SGD has:momentum has:weight_decay"),
    ("sgd momentum 0.5 on MNIST", "optimizer:SGD momentum:0.5 datasets:MNIST"),
    ("ResNets trained in fp16", 'architecture:ResNet (precision:fp16 OR "float16")'),
    ("cnn scripts longer than 100 epochs", "architecture:CNN epochs>100"),
    ("GANs of the second half of 2023", "architecture:GAN created:2023-07-01..2023-12-31"),
    ("the week of 3 May 2024", "created:2024-04-29..2024-05-05"),
    ("models with a batch size above 64 but below 256", "batch_size>64 batch_size<256"),
    ("models without a learning rate of 0.1", "-learning_rate:0.1"),
    ("most parameters", "sort:-parameters rank:1"),
    ("image.epoch:4", "intent:images image.epoch:4"),
    ("intent:count image.epoch:4", "intent:count image.epoch:4"),
    ("models without a description", "-has:description"),
    ("GANs without an author", "architecture:GAN -has:author"),
    ("samples from epochs 10 to 20", "intent:images image.epoch:10..20 image.label:sample"),
    ("images of the VAE before epoch 5", "architecture:VAE intent:images image.epoch:..4"),
    ("samples from epoch 50 onwards", "intent:images image.epoch:50.. image.label:sample"),
    ("samples of the first 5 epochs", "intent:images image.epoch:..5 image.label:sample"),
    ("generate images one pixel after another", 'text:"generate images one pixel after another"'),
    ("translate sentences with a transformer", 'text:"translate sentences with a transformer"'),
    ("translate sentences with PyTorch", 'framework:PyTorch text:"translate sentences"'),
    ("non-variational autoencoders", "architecture:Autoencoder -architecture:VAE"),
    ("autoencoders that are not variational", "architecture:Autoencoder -architecture:VAE"),
    ("find and locate objects in pictures", 'text:"locate objects in pictures"'),
    ("GANs with and without dropout", "(architecture:GAN has:dropout) VERSUS (architecture:GAN -has:dropout)"),
    ("which scripts clip their gradients?", "has:grad_clip"),
    ("scripts that never set a seed", "-has:seed"),
    ("models where the dataset is missing", "missing:datasets"),
    # and, or
    ("GRU or LSTM models on IMDB", "architecture:GRU,LSTM datasets:IMDb"),
    ("VAEs on MNIST or GANs on CelebA", "architecture:VAE datasets:MNIST OR architecture:GAN datasets:CelebA"),
    ("GANs and diffusion models", "architecture:GAN,Diffusion"),
    ("trained on both MNIST and Fashion-MNIST", "datasets:MNIST datasets:Fashion-MNIST"),
    ("JAX/Flax training", "framework:JAX,Flax"),
    # numbers
    ("batch size between 100 and 150 and at most 5 epochs", "batch_size:100..150 epochs<=5"),
    ("learning rate of 0.1 or higher", "learning_rate>=0.1"),
    ("fewer than 10k training steps", "steps<10000"),
    ("100+ epochs", "epochs>=100"),
    ("at least 20 but fewer than 50 epochs", "epochs>=20 epochs<50"),
    ("batch size 32, 64 or 128", "batch_size:32,64,128"),
    ("mini-batches of 4 images", "batch_size:4"),
    ("1e-4 <= lr", "learning_rate>=0.0001"),
    ("lr > 0.01", "learning_rate>0.01"),
    ("batch size:64", "batch_size:64"),
    ("learning rate is not 0.005", "-learning_rate:0.005"),
    ("less than 1M parameters but more than 100k", "parameters<1000000 parameters>100000"),
    ("fewer than 10 epochs and more than 100k steps", "epochs<10 steps>100000"),
    ("about 100 epochs", "epochs:90..110"),
    ("5-20 epochs", "epochs:5..20"),
    ("10M to 200M parameters", "parameters:10000000..200000000"),
    ("gamma above 0.95", "settings.gamma>0.95"),
    ("discount factor of 0.99", "settings.gamma:0.99"),
    ("models tagged best", "tag:best"),
    ("untagged VAEs", "-has:tag architecture:VAE"),
    ("GANs not tagged as old", "architecture:GAN -tag:old"),
    (
        "digtis",
        'datasets:MNIST,QMNIST,USPS,SEMEION,"scikit-learn Digits","Binarized MNIST",MNIST-M',
    ),
    ("celab", "datasets:CelebA"),
    ("sequence modelling", 'text:"sequence modelling"'),
    ("several players against each other", 'text:"several players against each other"'),
    ("without gradient penalty", '-(architecture:WGAN-GP OR "gradient penalty" OR "lambda gp")'),
    (
        "learning rate decay",
        'has:scheduler OR settings.anneal_lr:true OR settings.decay_lr:true OR "adjust learning rate" OR "decay lr"',
    ),
    ("spread training over several GPUs", 'text:"spread training over several GPUs"'),
    ("a whole distribution instead of the mean", 'text:"whole distribution instead of the mean"'),
    ("WGAN versus WGAN-GP", "(architecture:WGAN -architecture:WGAN-GP) VERSUS architecture:WGAN-GP"),
    ("align a chatbot with human preferences", 'text:"align a chatbot with human preferences"'),
    ("find a good learning rate before training", 'text:"good learning rate before training"'),
    ("with a learning rate under 3e-4", "learning_rate<0.0003"),
    ("at least a million timesteps", "steps>=1000000"),
    ("Adam at 1e-3", "optimizer:Adam learning_rate:0.001"),
    # dates
    ("created on or after 2025-02-01", "created>=2025-02-01"),
    ("models created in March 2025", "created:2025-03"),
    ("anything created before 2025", "created<2025"),
    ("made after March 15, 2025", "created>2025-03-15"),
    ("created between January and March 2025", "created:2025-01-01..2025-03-31"),
    ("what did I last modify in May 2025?", "modified:2025-05"),
    ("made in the first quarter of 2025", "created:2025-01-01..2025-03-31"),
    ("older than five years", None),
    ("written in the week of 10 March 2025", "created:2025-03-10..2025-03-16"),
    ("in January or March 2025", "created:2025-01,2025-03"),
    ("made in July", "created:2023-07"),
    ("models that may be trained on CIFAR-100", "datasets:CIFAR-100"),
    ("from May 2025 on", "created>=2025-05"),
    ("from 2020 onwards with Adam", "created>=2020 optimizer:Adam"),
    ("from March 2025 on MNIST", "created:2025-03 datasets:MNIST"),
    ("models from 2023 with Adam", "created:2023 optimizer:Adam"),
    ("made before 2024 and modified after January 2025", "created<2024 modified>2025-01"),
    # order and number
    ("the latest VAE", "architecture:VAE sort:-modified limit:1"),
    ("latest 3 GANs", "architecture:GAN sort:-modified limit:3"),
    ("which model has the largest batch size?", "sort:-batch_size rank:1"),
    ("top 5 models by number of epochs", "sort:-epochs limit:5"),
    ("GANs sorted by learning rate", "architecture:GAN sort:learning_rate"),
    ("GANs sorted by learning rate, largest first", "architecture:GAN sort:-learning_rate"),
    ("3 biggest models by epochs", "sort:-epochs limit:3"),
    ("five smallest models", "sort:parameters limit:5"),
    ("biggest VAE", "architecture:VAE sort:-parameters rank:1"),
    ("the largest PyTorch models", "framework:PyTorch sort:-parameters"),
    ("largest CIFAR-10 batch size", "datasets:CIFAR-10 sort:-batch_size"),
    ("the agent with the largest batch size", 'task:"reinforcement learning" sort:-batch_size rank:1'),
    ("the second largest batch size", "sort:-batch_size rank:2"),
    ("the VAE with the 3rd-highest learning rate", "architecture:VAE sort:-learning_rate rank:3"),
    ("the second most recent GAN", "architecture:GAN sort:-modified rank:2"),
    ("all GANs but the largest", "architecture:GAN sort:-parameters rank:2.."),
    ("everything except the largest batch size", "sort:-batch_size rank:2.."),
    ("all but the two largest VAEs", "architecture:VAE sort:-parameters rank:3.."),
    ("all VAEs except the one with the largest batch size", "architecture:VAE sort:-batch_size rank:2.."),
    ("nothing but the largest VAE", "architecture:VAE sort:-parameters rank:1"),
    ("which GANs have the largest batch size?", "architecture:GAN sort:-batch_size rank:1"),
    ("which GANs have the largest batch sizes?", "architecture:GAN sort:-batch_size"),
    # how many values
    ("trained on more than one dataset", "count.datasets>1"),
    ("models with two different optimizers", "count.optimizer:2"),
    ("GANs with several losses", "architecture:GAN count.loss>1"),
    ("exactly one dataset and at least 3 learning rates", "count.datasets:1 count.learning_rate>=3"),
    ("trained for 3 epochs on multiple datasets", "epochs:3 count.datasets>1"),
    ("how many losses are there", None),
    ("no more than two optimizers", "count.optimizer<=2"),
    ("between 2 and 3 datasets", "count.datasets:2..3"),
    ("VAEs with one or two datasets", "architecture:VAE count.datasets:1..2"),
    ("two learning rates 0.1 and 0.01", "learning_rate:0.1,0.01"),
    ("the shortest notebook", "kind:notebook sort:lines rank:1"),
    ("VAEs with Adam beta > 0.5", "architecture:VAE betas>0.5"),
    ("the oldest VAE", "architecture:VAE sort:created limit:1"),
    ("which one has the most epochs", "sort:-epochs rank:1"),
    ("list all scripts by size", "sort:size"),
    ("how many models use Adam?", "optimizer:Adam intent:count"),
    ("gradient flows through the sampler", 'text:"gradient flows through the sampler"'),
    ("how do flows compare to GANs", "architecture:Flow VERSUS architecture:GAN"),
    # places and people
    ("scripts in lab/digits", "path:/lab/digits/"),
    ("other models by Bob", 'author:"Bob Writer"'),
    ("models like lab/faces/dcgan", "like:lab/faces/dcgan"),
    ("lab/faces/dcgan", "id:lab/faces/dcgan"),
    # other intents
    ("compare VAEs and GANs", "architecture:VAE VERSUS architecture:GAN"),
    ("compare VAEs and GANs on MNIST", "(datasets:MNIST architecture:VAE) VERSUS (architecture:GAN datasets:MNIST)"),
    (
        "how do the LSTM and the transformer for river levels differ?",
        '(text:"river levels" architecture:LSTM) VERSUS (architecture:Transformer text:"river levels")',
    ),
    (
        "mirrored letters versus GANs on MNIST",
        '(datasets:MNIST text:"mirrored letters") VERSUS (architecture:GAN datasets:MNIST)',
    ),
    ("compare VAEs on MNIST with GANs", "(architecture:VAE datasets:MNIST) VERSUS architecture:GAN"),
    ("compare pairs of digits with shared weights", 'text:"compare pairs of digits with shared weights"'),
    ("compare the Keras models with the PyTorch ones", "framework:Keras VERSUS framework:PyTorch"),
    ("compare Adam and SGD on MNIST", "(datasets:MNIST optimizer:Adam) VERSUS (optimizer:SGD datasets:MNIST)"),
    ("how does lab/faces/dcgan differ from other/rl/dqn", "id:lab/faces/dcgan,other/rl/dqn intent:compare"),
    ("samples of the CelebA model at epoch 100", "datasets:CelebA intent:images image.epoch:100 image.label:sample"),
    ("samples of class 3 from the CelebA model", "datasets:CelebA intent:images image.label:class_3"),
    ("Sneaker pictures of the clothes model", "text:clothes intent:images image.label:Sneaker"),
    ("what learning rate did the DCGAN use", "architecture:DCGAN intent:details"),
    ("write a report on the VAEs", "architecture:VAE intent:report"),
    ("batch size of dcgan", "architecture:DCGAN"),
    ("what batch size does train_clothes use?", "id:lab/fashion/train_clothes intent:details"),
    ("ResNets trained in bf16", 'architecture:ResNet (precision:bf16 OR "bfloat16")'),
    ("RNNs, excluding variational ones and LSTMs", "architecture:RNN -architecture:VAE -architecture:LSTM"),
    ("draw pictures step by step", 'text:"draw pictures step by step"'),
    ("how do VAEs and GANs differ?", "architecture:VAE VERSUS architecture:GAN"),
    ("wrod2vec", "architecture:Word2Vec"),
    ("perceptual loss from VGG features", 'text:"perceptual loss from VGG features"'),
    # concepts
    ("adversarial nets on CelebA", "architecture:GAN datasets:CelebA"),
    ("autoencoders other than variational ones", "architecture:Autoencoder -architecture:VAE"),
    # only
    ("trained only on MNIST", "datasets:MNIST"),
    ("only MNIST models", "datasets:MNIST"),
    ("on-policy agents", None),
    ("which scripts run on a GPU?", "hardware:cuda,mps,xpu,accelerator"),
    # what no rule reads stays free text, with all its words
    ("make a photo look like a famous painting", 'text:"make a photo look like a famous painting"'),
    ("quantum machine learning", 'text:"quantum machine learning"'),
    ("show me all models", ""),
    # what surrounds a question, and what belongs together in it
    ("my boss wants to know which experiments use Adam", "optimizer:Adam"),
    ("for my thesis I need GANs on CelebA", "architecture:GAN datasets:CelebA"),
    ("batch sizes 32 and 64", "batch_size:32,64"),
    ("neither batch size 64 nor 32", "-batch_size:64,32"),
    ("Adam with betas = (0.5, 0.999)", "optimizer:Adam betas:0.5 betas:0.999"),
    ("between 1 and 10 million steps", "steps:1000000..10000000"),
    ("the two models with the most epochs", "sort:-epochs limit:2"),
    ("the three GANs on CelebA", "architecture:GAN datasets:CelebA"),
    ("warmup epochs of 5", "settings.warmup_epochs:5"),
    ("something that skips connections", 'text:"skips connections"'),
    ("skip the GANs", "-architecture:GAN"),
    ("change summer photos to winter", 'text:"change summer photos to winter"'),
    ("plain autoencoders", "architecture:Autoencoder -architecture:VAE"),
    ("wassrstein distance", "architecture:WGAN"),
    ("colourise photos", 'text:"colourise photos"'),
    ("constant learning rate", "-has:scheduler"),
    ("is the learning rate of the GANs higher than that of the VAEs?", "architecture:GAN VERSUS architecture:VAE"),
    (
        "compare GANs with dropout to GANs without dropout",
        "(architecture:GAN has:dropout) VERSUS (architecture:GAN -has:dropout)",
    ),
    ("RNNs, LSTMs excluded", "architecture:RNN -architecture:LSTM"),
    ("GANs that do not mirror their inputs", 'architecture:GAN -text:"mirror inputs"'),
    ("reward states it can't predict", 'text:"reward states it can\'t predict"'),
    ("more than 10 million time steps", "steps>10000000"),
    ("what sets VAEs apart from GANs?", "architecture:VAE VERSUS architecture:GAN"),
    ("VAE vs GAN vs CNN", "architecture:VAE VERSUS architecture:GAN VERSUS architecture:CNN"),
    ("compare VAEs, GANs and CNNs", "architecture:VAE VERSUS architecture:GAN VERSUS architecture:CNN"),
    ("the model that has been trained the longest", "sort:-epochs rank:1"),
    ("list the GANs from largest to smallest", "architecture:GAN sort:-parameters"),
    ("order the GANs by epochs, descending", "architecture:GAN sort:-epochs"),
    ("how many VAEs and how many GANs", "architecture:VAE VERSUS architecture:GAN"),
    ("what fraction of the GANs use dropout?", "architecture:GAN has:dropout intent:count"),
    ("images of 64x64 pixels", "image_size:64"),
    ("batch of thirty-two", "batch_size:32"),
    ("128 samples per batch", "batch_size:128"),
    ("dropout between 20% and 50 %", "dropout:0.2..0.5"),
    ("decay it every 10 epochs", 'text:"decay it every 10 epochs"'),
    ("MNIST & !Adam", "datasets:MNIST -optimizer:Adam"),
    ("mnist adam 0.1", "datasets:MNIST optimizer:Adam (learning_rate:0.1 OR weight_decay:0.1 OR dropout:0.1)"),
    (
        "two networks trained against each other",
        'architecture:GAN OR architecture:"Adversarial Autoencoder" OR "discriminator"',
    ),
    ("MNIST models excluding the GANs and the VAEs", "datasets:MNIST -architecture:GAN -architecture:VAE"),
    ("the GANs and the VAEs", "architecture:GAN,VAE"),
    ("train layers without ever running backward", 'text:"train layers without ever running backward"'),
    ("models that do not specify the number of epochs", "missing:epochs"),
    ("learning rate on the order of 1e-4", "learning_rate:9e-05..0.00011"),
    ("GPU-capable GANs", "hardware:cuda,mps,xpu,accelerator architecture:GAN"),
    ("CPU-only scripts", "-hardware:cuda,mps,tpu,xpu,accelerator"),
    ("fully connected VAEs", "architecture:MLP architecture:VAE"),
    ("largest batch size among the GANs", "architecture:GAN sort:-batch_size rank:1"),
    ("which of the GANs has the highest learning rate?", "architecture:GAN sort:-learning_rate rank:1"),
    ("the two VAEs", "architecture:VAE"),
    ("MNIST: GANs vs. VAEs", "(architecture:GAN datasets:MNIST) VERSUS (architecture:VAE datasets:MNIST)"),
    (
        "on MNIST, compare GANs with VAEs",
        "(architecture:GAN datasets:MNIST) VERSUS (architecture:VAE datasets:MNIST)",
    ),
    (
        "REINFORCE vs PPO",
        '(architecture:"Policy Gradient" -architecture:Actor-Critic -architecture:PPO) VERSUS architecture:PPO',
    ),
    ("text-to-speech", 'id:*text?to?sp* OR missing:task "text-to-speech"'),
    ("batch size in 64..128", "batch_size:64..128"),
    ("lr 1e-4..1e-3", "learning_rate:0.0001..0.001"),
    (
        "compare the batch sizes of Keras and PyTorch GANs",
        "(architecture:GAN framework:Keras) VERSUS (framework:PyTorch architecture:GAN)",
    ),
    ("krs notebooks", "framework:Keras kind:notebook"),
    ("fit a line by gradient descent", 'text:"fit a line by gradient descent"'),
    ("read a sequence one step at a time", 'text:"read a sequence one step at a time"'),
    ("vgg cifer", "architecture:VGG datasets:CIFAR-10,CIFAR-100"),
    ("dropout of one half or more", "dropout>=0.5"),
    ("16 units of latent space", "latent_dim:16"),
    ("the script that runs for the most epochs", "sort:-epochs rank:1"),
    ("features from two views without negative pairs", 'text:"features from two views without negative pairs"'),
    ("updated in 2023 or later", "modified>=2023"),
    ("earlier than 5 May 2020", "created<2020-05-05"),
    ("unchanged since 2018", "-modified>=2018"),
    ("committed on 2021-03-05", "created:2021-03-05"),
    ("GANs from the 2010s", "architecture:GAN created:2010-01-01..2019-12-31"),
    ("recently changed models", "sort:-modified"),
    ("sorted by age, oldest first", "sort:created"),
    ("pictures of sneakers from the clothes model", "text:clothes intent:images image.label:sneakers"),
    ("pictures of sneakers", "intent:images image.label:sneakers"),
    (
        "agents that are no DQNs, PPOs or SACs",
        'task:"reinforcement learning" -architecture:DQN -architecture:PPO -architecture:SAC',
    ),
    ("predict house prices", 'text:"predict house prices"'),
    ("bidirectonal rnn", '("bidirectional" OR "bilstm" OR "birnn" OR "bi lstm" OR "bigru") architecture:RNN'),
    ("lr .001", "learning_rate:0.001"),
    ("0.01 <= lr < 0.05", "learning_rate>=0.01 learning_rate<0.05"),
    ("lower learning rates than .01.", "learning_rate<0.01"),
    ("GANs with larger batches than 64", "architecture:GAN batch_size>64"),
    ("the longest-trained VAE", "architecture:VAE sort:-epochs rank:1"),
    ("MNIST models, but drop everything that is a VAE or a GAN", "datasets:MNIST -architecture:VAE -architecture:GAN"),
    ("GANs outside PyTorch", "architecture:GAN -framework:PyTorch"),
    ("compare two digits with shared weights", 'text:"compare two digits with shared weights"'),
    ("learning rate below 1e-4 or above 1", "learning_rate<0.0001 OR learning_rate>1"),
    ("fewer than 5 epochs or more than 100", "epochs<5 OR epochs>100"),
    ("less than 5 or more than 100 epochs", "epochs<5 OR epochs>100"),
    ("GANs compared with VAEs", "architecture:GAN VERSUS architecture:VAE"),
    ("how do GANs and VAEs differ in their optimizers?", "architecture:GAN VERSUS architecture:VAE"),
    ("which use more epochs, GANs or VAEs?", "architecture:GAN VERSUS architecture:VAE"),
    ("do GANs or VAEs use larger batches?", "architecture:GAN VERSUS architecture:VAE"),
    ("top-3 largest batch sizes", "sort:-batch_size limit:3"),
    ("all models bar the GANs", "-architecture:GAN"),
    ("pictures of class 3", "intent:images image.label:class_3"),
    ("what the VAE draws after 20 epochs", "architecture:VAE intent:images image.epoch:20 image.label:sample"),
    ("generated images of the GAN", "architecture:GAN intent:images"),
]  # fmt: skip


@pytest.mark.parametrize(("question", "line"), READINGS, ids=[question for question, _ in READINGS])
def test_a_question_is_read(question: str, line: str | None, reader: Reader) -> None:
    query = read_question(question, reader)
    assert line is None or str(query) == line
    assert read_question(str(query), reader) == query


@pytest.mark.parametrize(
    ("line", "canonical"),
    [
        ("dataset:mnist -opt:adam", "datasets:MNIST -optimizer:Adam"),
        ("dataset:mnist,cifar10", "datasets:MNIST,CIFAR-10"),
        ("(dataset:mnist OR dataset:cifar10) NOT opt:adam", "datasets:MNIST,CIFAR-10 -optimizer:Adam"),
        ("lr:<1e-3 epochs:10..20 batch!=64", "learning_rate<0.001 epochs:10..20 batch_size!=64"),
        ("lr:..1e-3", "learning_rate:..0.001"),
        ("params:>1M size:<10MB", "parameters>1000000 size<10000000"),
        ("gamma:>0.9", "settings.gamma>0.9"),
        ("optimizer:none missing:seed has:scheduler", "optimizer:none missing:seed has:scheduler"),
        ("created:2025-03-01..2025-03-31", "created:2025-03-01..2025-03-31"),
        ("created:july", "created:2023-07"),
        ("loss:*entropy*", "loss:*entropy*"),
        ('"batch norm" -"drop out"', '"batch norm" -"drop out"'),
        ("dataset:minst", "datasets:MNIST"),
        ("tag:best note:todo", "tag:best note:todo"),
        ("sort:-lr,id limit:20", "sort:-learning_rate sort:id limit:20"),
        ("sort:-lr rank:2.. limit:5", "sort:-learning_rate rank:2.. limit:5"),
        ("sort:-lr rank:1..3", "sort:-learning_rate rank:1..3"),
        ("count.dataset:>1 has:count.opt", "count.datasets>1 has:count.optimizer"),
        ("like:dcgan", "like:lab/faces/dcgan"),
        ("like:faces", "like:lab/faces/dcgan"),
        ("has:images checkpoints:>2 sort:-images", "has:images checkpoints>2 sort:-images"),
        ("arch:vae|arch:gan", "architecture:VAE,GAN"),
        ("arch:vae tag:", "architecture:VAE"),
        ('arch:vae -note:"', "architecture:VAE"),
        ("arch:vae count.dataset:", "architecture:VAE"),
        ("arch:vae batch>= 64", "architecture:VAE batch_size>=64"),
        ("batch>= of VAEs", "architecture:VAE"),
        ("arch:vae bogus:", "architecture:VAE text:bogus"),
    ],
)
def test_the_grammar_is_read(line: str, canonical: str, reader: Reader) -> None:
    query = read_question(line, reader)
    assert str(query) == canonical
    assert not query.bad
    assert read_question(canonical, reader) == query


@pytest.mark.parametrize(
    "line",
    [
        "lr:abc",
        "created:soon",
        "has:bogus",
        "limit:none",
        "sort:bogus",
        "like:nothing",
        "kind:poem",
        "lr:1..x",
        "rank:2",
        "-limit:3",
        "-image.epoch:4",
    ],
)
def test_a_bad_value_marks_its_chip(line: str, reader: Reader) -> None:
    query = read_question(f"{line} dataset:mnist", reader)
    assert query.bad and query.bad[0].startswith(line)
    assert str(query) == f"datasets:MNIST {line}"


def test_an_unknown_field_is_offered_a_correction_and_stays_text(reader: Reader) -> None:
    from core.search.query import Text

    query = read_question("datset:mnist", reader)
    assert isinstance(query.expr, Text)
    assert "datasets" in query.expr.note
    assert str(query) == "text:datset:mnist"


def test_every_concept_is_read_by_each_of_its_phrases(reader: Reader) -> None:
    for concept in load().table("concepts", "concepts").values():
        for phrase in concept["phrases"]:
            assert read_question(phrase, reader).expr is not None


def test_only_refuses_what_stands_beside_a_value(tmp_path: Path) -> None:
    models = [
        Made("lab/one", {"datasets": ["MNIST"]}),
        Made("lab/two", {"datasets": ["MNIST", "CIFAR-10"]}),
        Made("lab/three", {"datasets": ["CelebA"]}),
    ]
    reader = make_catalogue(tmp_path, models)
    assert str(read_question("trained only on MNIST", reader)) == "datasets:MNIST -datasets:CIFAR-10"
    assert str(read_question("MNIST-only scripts", reader)) == "datasets:MNIST -datasets:CIFAR-10"
    assert str(read_question("only the MNIST scripts", reader)) == "datasets:MNIST"
    assert str(read_question("not only on MNIST", reader)) != "datasets:MNIST -datasets:CIFAR-10"
    reader.close()


def test_a_task_before_a_colon_is_only_told_of_behind_it(tmp_path: Path) -> None:
    models = [Made("lab/one", {"task": ["language modelling"]}), Made("lab/two", {"task": ["image generation"]})]
    reader = make_catalogue(tmp_path, models)
    told = "language modelling: predict the next word of running text"
    assert str(read_question(told, reader)) == 'task:"language modelling"'
    told = "image generation: draw new faces"  # which are more than images
    assert str(read_question(told, reader)) == 'text:"image generation draw new faces"'
    reader.close()


def test_a_repository_is_called_by_a_word_of_its_label_and_a_folder_by_its_name(tmp_path: Path) -> None:
    models = [Made("pytorch-vae/vae/main", {"datasets": ["MNIST"]})]
    reader = make_catalogue(tmp_path, models)
    assert str(read_question("models in the VAE repo", reader)) == "root:pytorch-vae"
    assert str(read_question("models in the vae folder", reader)) == "path:/vae/"
    assert str(read_question("models in the folder vae", reader)) == "path:/vae/"
    reader.close()
